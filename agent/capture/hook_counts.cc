// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/hook_counts.h"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "agent/capture/system_error.h"

namespace alidade {
namespace {

// Each number is exact; a program may be between two of them.
void Add(const __u64& counted, __u64* sum) { *sum += __atomic_load_n(&counted, __ATOMIC_RELAXED); }

}  // namespace

absl::StatusOr<HookCounts> HookCounts::Map(int map_fd, size_t cpus) {
  const size_t rows = cpus * HOOK_MAX;
  void* const memory = mmap(nullptr, rows * sizeof(hook_count), PROT_READ, MAP_SHARED, map_fd, 0);
  if (memory == MAP_FAILED) return SystemError(errno, "map the counts of the hooks");
  HookCounts counts;
  counts.rows_ = {static_cast<const hook_count*>(memory), rows};
  return counts;
}

HookCounts::HookCounts(HookCounts&& other) noexcept : rows_(std::exchange(other.rows_, {})) {}

HookCounts& HookCounts::operator=(HookCounts&& other) noexcept {
  std::swap(rows_, other.rows_);
  return *this;
}

HookCounts::~HookCounts() {
  if (!rows_.empty()) munmap(const_cast<hook_count*>(rows_.data()), rows_.size_bytes());
}

hook_count HookCounts::Sum(hook_id id) const {
  hook_count sum{};
  for (size_t row = id; row < rows_.size(); row += HOOK_MAX) {
    const hook_count& count = rows_[row];
    Add(count.seen, &sum.seen);
    Add(count.emitted, &sum.emitted);
    Add(count.lost, &sum.lost);
    Add(count.failed, &sum.failed);
    Add(count.ignored, &sum.ignored);
    Add(count.limited, &sum.limited);
    Add(count.sampled, &sum.sampled);
  }
  return sum;
}

}  // namespace alidade
