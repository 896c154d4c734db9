// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_HUGE_PAGES_H_
#define ALIDADE_AGENT_HUGE_PAGES_H_

#include <cstddef>
#include <memory_resource>

namespace alidade {

// Memory for what is large and touched a little everywhere: in huge pages, if the kernel has some
// for who asks (transparent_hugepage "madvise" or "always"), so that its addresses need fewer
// entries of the TLB; else as any other memory. Thread: any.
class HugePages : public std::pmr::memory_resource {
 private:
  void* do_allocate(size_t bytes, size_t alignment) override;
  void do_deallocate(void* memory, size_t bytes, size_t alignment) override;
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_HUGE_PAGES_H_
