// SPDX-License-Identifier: Apache-2.0
//
// What a process holds in the kernel's BPF tables, by id, so that a test can wait for it to go.
#ifndef ALIDADE_TESTS_KERNEL_BPF_INVENTORY_H_
#define ALIDADE_TESTS_KERNEL_BPF_INVENTORY_H_

#include <sys/types.h>

#include <cstdint>
#include <set>

namespace alidade::testing {

struct BpfInventory {
  std::set<uint32_t> programs;
  std::set<uint32_t> maps;
  std::set<uint32_t> links;

  // Read from /proc/<pid>/fdinfo.
  static BpfInventory OfProcess(pid_t pid);
};

// Waits until the kernel knows none of these ids any more; fails the test after a minute. (The
// kernel frees programs and maps a moment after their last user is gone.)
void WaitUntilGone(const BpfInventory& inventory);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_BPF_INVENTORY_H_
