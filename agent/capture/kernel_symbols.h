// SPDX-License-Identifier: Apache-2.0
//
// Kernel functions by address, from /proc/kallsyms, for saying which function dropped a packet.
#ifndef ALIDADE_AGENT_CAPTURE_KERNEL_SYMBOLS_H_
#define ALIDADE_AGENT_CAPTURE_KERNEL_SYMBOLS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bpf/config.h"

namespace alidade {

// Immutable once read. Empty when the kernel hides addresses (kernel.kptr_restrict, no CAP_SYSLOG).
class KernelSymbols {
 public:
  // Reads lines in the form of /proc/kallsyms: `address type name [module]`. The functions of a
  // kernel and its modules take about 3 MiB.
  static KernelSymbols FromText(std::string_view text);

  // The function that `address` lies in, by its name in the source; empty when unknown.
  std::string_view Find(uint64_t address) const;

  // The code of function `name`: from its first address to the next function's; {0, 0} when there
  // is no such function.
  code_range RangeOf(std::string_view name) const;

  size_t size() const { return symbols_.size(); }

 private:
  struct Symbol {
    uint64_t address;
    uint32_t name_begin;  // into names_
    uint32_t name_size;
  };
  std::vector<Symbol> symbols_;  // sorted by address
  std::string names_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_KERNEL_SYMBOLS_H_
