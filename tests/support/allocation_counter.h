// SPDX-License-Identifier: Apache-2.0
//
// Counts heap allocations of the whole program. It replaces the global operators: include it in
// exactly one source file of a program.
#ifndef ALIDADE_TESTS_SUPPORT_ALLOCATION_COUNTER_H_
#define ALIDADE_TESTS_SUPPORT_ALLOCATION_COUNTER_H_

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace alidade::testing {

inline std::atomic<size_t> allocation_count{0};

}  // namespace alidade::testing

// Not inlined: g++ would take malloc and delete for a mismatched pair.
[[gnu::noinline]] void* operator new(size_t size) {
  alidade::testing::allocation_count.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

#endif  // ALIDADE_TESTS_SUPPORT_ALLOCATION_COUNTER_H_
