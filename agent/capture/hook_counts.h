// SPDX-License-Identifier: Apache-2.0
//
// What the programs count, read in place: the map is memory that the kernel shares with us.
#ifndef ALIDADE_AGENT_CAPTURE_HOOK_COUNTS_H_
#define ALIDADE_AGENT_CAPTURE_HOOK_COUNTS_H_

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"
#include "bpf/events.h"

namespace alidade {

class HookCounts {
 public:
  // `map_fd` is the map `hook_counts`, with rows for `cpus` CPUs (bpf/lib/emit.h). It may be closed
  // afterwards.
  static absl::StatusOr<HookCounts> Map(int map_fd, size_t cpus);
  HookCounts(HookCounts&& other) noexcept;
  HookCounts& operator=(HookCounts&& other) noexcept;
  ~HookCounts();

  // The counts of one hook, summed over CPUs.
  hook_count Sum(hook_id id) const;

 private:
  HookCounts() = default;

  std::span<const hook_count> rows_;  // HOOK_MAX for each CPU
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_HOOK_COUNTS_H_
