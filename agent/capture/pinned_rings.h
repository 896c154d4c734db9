// SPDX-License-Identifier: Apache-2.0
//
// The event source of a node that runs Cilium: its pinned perf event array, with no programs of
// our own.
//
// A slot of such an array holds one reader. Ours replaces Cilium's agent there: as long as it does
// not open its rings again, that is until it is restarted, Cilium's own monitor and Hubble see no
// events.
#ifndef ALIDADE_AGENT_CAPTURE_PINNED_RINGS_H_
#define ALIDADE_AGENT_CAPTURE_PINNED_RINGS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/capture/perf_rings.h"

namespace alidade {

class PinnedRings {
 public:
  // Opens a ring of `pages` pages for each CPU in the perf event array that is pinned at `path`.
  // Errors: nothing is pinned there, or something else; the process may not use it.
  static absl::StatusOr<PinnedRings> Open(const std::string& path, uint32_t pages);

  EventSource& events() { return *rings_; }
  size_t memory_bytes() const { return rings_->memory_bytes(); }

 private:
  PinnedRings(FileDescriptor map, std::unique_ptr<PerfRings> rings)
      : map_(std::move(map)), rings_(std::move(rings)) {}

  FileDescriptor map_;  // the kernel takes our rings out of the array when this is closed
  std::unique_ptr<PerfRings> rings_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_PINNED_RINGS_H_
