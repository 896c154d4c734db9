// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a recording, through the real pipeline: every line that is read is stored or
// counted, at the fastest pace to the end and for a while in a loop.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "agent/capture/file_descriptor.h"
#include "agent/capture/replay_source.h"
#include "agent/pipeline.h"
#include "agent/resolve/world_file.h"
#include "google/protobuf/stubs/logging.h"

namespace alidade::testing {
namespace {

const ResolverSlot& Resolvers() {
  static const ResolverSlot* const kSlot = [] {
    auto* slot = new ResolverSlot;
    slot->Set(std::make_shared<World>(
        *ParseWorld(R"({"endpoints":[{"id":7,"ips":["10.0.1.10"],"labels":["k8s:a=b"]}]})")));
    return slot;
  }();
  return *kSlot;
}

void CheckLedger(const Ledger& ledger) {
  uint64_t accounted = ledger.stored.value() + ledger.oversize.value();
  for (const Counter& errors : ledger.decode_errors) accounted += errors.value();
  if (ledger.received.value() != accounted) std::abort();
}

void Replay(const std::string& path, bool loop) {
  static EventRing* const ring =
      new EventRing({.capacity = 63, .header_bytes = sizeof(FlowHeader)});
  auto source = ReplaySource::Open(path, ReplayPace::kFastest, loop);
  if (!source.ok()) std::abort();
  Ledger ledger;
  Pipeline pipeline(**source, Resolvers(), *ring, ledger, [] {});
  // A loop has no end.
  while (pipeline.RunOnce() > 0 && !loop) continue;
  CheckLedger(ledger);
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);  // it tells of every text that is no UTF-8
  const alidade::FileDescriptor file(memfd_create("recording", MFD_CLOEXEC));
  if (write(file.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  alidade::testing::Replay(path, /*loop=*/false);
  // A round of a loop opens the file again: of many inputs one is enough.
  if (size % 64 == 0) alidade::testing::Replay(path, /*loop=*/true);
  return 0;
}
