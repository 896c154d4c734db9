// SPDX-License-Identifier: Apache-2.0
#include "parser/process.h"
#include "parser/struct_entry.h"
#include "parser/wire_writer.h"

namespace alidade {
namespace {

// Keys, tags and lengths of all entries, at most.
constexpr size_t kMaxEntriesOverhead = 256;

}  // namespace

EncodedProcess EncodeProcess(const Process& process) {
  EncodedProcess encoded;
  encoded.pid = process.pid;
  std::string& wire = encoded.wire;
  wire.resize(kMaxEntriesOverhead + process.cgroup.size() + process.command.size() +
              process.container_id.size() + process.executable.size());
  WireWriter out(wire.data());
  const auto place = [&] { return static_cast<size_t>(out.position() - wire.data()); };
  EncodeText("cgroup", process.cgroup, &out);
  encoded.command = place();
  EncodeText("command", process.command, &out);
  encoded.container_id = place();
  EncodeText("container_id", process.container_id, &out);
  encoded.executable = place();
  EncodeText("executable", process.executable, &out);
  wire.resize(place());
  wire.shrink_to_fit();
  return encoded;
}

}  // namespace alidade
