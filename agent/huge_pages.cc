// SPDX-License-Identifier: Apache-2.0
#include "agent/huge_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace alidade {
namespace {

// Of x86-64, and of arm64 with pages of 4 KiB; elsewhere the kernel finds what it can use inside.
constexpr size_t kHugePage = size_t{2} << 20;

size_t AlignmentFor(size_t bytes, size_t alignment) {
  return bytes < kHugePage ? alignment : std::max(alignment, kHugePage);
}

}  // namespace

void* HugePages::do_allocate(size_t bytes, size_t alignment) {
  void* const memory = ::operator new(bytes, std::align_val_t(AlignmentFor(bytes, alignment)));
  // Advice: a kernel that does not take it leaves the memory as it is.
  if (bytes >= kHugePage) madvise(memory, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
  return memory;
}

void HugePages::do_deallocate(void* memory, size_t bytes, size_t alignment) {
  ::operator delete(memory, std::align_val_t(AlignmentFor(bytes, alignment)));
}

}  // namespace alidade
