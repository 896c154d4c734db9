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

// Not inlined: g++ would take malloc and delete for a mismatched pair. The one that does not throw
// is replaced too (std::stable_sort uses it): what it gives is freed by the delete below.
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept {
  alidade::testing::allocation_count.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size != 0 ? size : 1);
}
[[gnu::noinline]] void* operator new(size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

#endif  // ALIDADE_TESTS_SUPPORT_ALLOCATION_COUNTER_H_
