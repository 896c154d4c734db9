// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a recording, through the real pipeline at the fastest pace: every line that is read
// is stored or counted.
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

void Replay(const std::string& path) {
  static EventRing* const ring =
      new EventRing({.capacity = 63, .header_bytes = sizeof(FlowHeader)});
  auto source = ReplaySource::Open(path, ReplayPace::kFastest, /*loop=*/false);
  if (!source.ok()) std::abort();
  Ledger ledger;
  Pipeline pipeline(**source, Resolvers(), *ring, ledger, [] {});
  while (pipeline.RunOnce() > 0) continue;
  CheckLedger(ledger);
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);  // it tells of every text that is no UTF-8
  const alidade::FileDescriptor file(memfd_create("recording", MFD_CLOEXEC));
  if (write(file.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  alidade::testing::Replay("/proc/self/fd/" + std::to_string(file.get()));
  return 0;
}
