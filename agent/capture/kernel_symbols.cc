// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/kernel_symbols.h"

#include <algorithm>
#include <charconv>

namespace alidade {
namespace {

// A function is at most this far from its end; a gap larger than that is not code of it.
constexpr uint64_t kMaxFunctionBytes = 1u << 20;

// Without what the compiler adds to a clone: `.constprop.0`, `.isra.0`, `.cold`.
std::string_view SourceName(std::string_view symbol) { return symbol.substr(0, symbol.find('.')); }

bool IsFunction(char type) { return type == 't' || type == 'T' || type == 'w' || type == 'W'; }

}  // namespace

KernelSymbols KernelSymbols::FromText(std::string_view text) {
  KernelSymbols result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    // `address type name`, then perhaps a tab and the module.
    const size_t type = line.find(' ') + 1;
    if (type == 0 || type + 2 >= line.size() || !IsFunction(line[type])) continue;
    std::string_view name = line.substr(type + 2, line.find('\t') - (type + 2));
    // BPF programs stand among the modules, and drop nothing: they only end what is before them.
    if (line.ends_with("[bpf]")) name = {};
    uint64_t address = 0;
    std::from_chars(line.data(), line.data() + type - 1, address, 16);
    if (address == 0) continue;  // hidden
    result.symbols_.push_back(
        {address, static_cast<uint32_t>(result.names_.size()), static_cast<uint32_t>(name.size())});
    result.names_.append(name);
  }
  std::stable_sort(result.symbols_.begin(), result.symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  result.symbols_.shrink_to_fit();
  result.names_.shrink_to_fit();
  return result;
}

std::string_view KernelSymbols::Find(uint64_t address) const {
  auto after =
      std::upper_bound(symbols_.begin(), symbols_.end(), address,
                       [](uint64_t a, const Symbol& symbol) { return a < symbol.address; });
  if (after == symbols_.begin()) return {};
  const Symbol& symbol = *std::prev(after);
  if (address - symbol.address > kMaxFunctionBytes) return {};
  return SourceName(std::string_view(names_).substr(symbol.name_begin, symbol.name_size));
}

code_range KernelSymbols::RangeOf(std::string_view name) const {
  for (size_t i = 0; i + 1 < symbols_.size(); ++i) {
    const Symbol& symbol = symbols_[i];
    const std::string_view found =
        std::string_view(names_).substr(symbol.name_begin, symbol.name_size);
    // The cold part lies elsewhere.
    if (SourceName(found) != name || found.ends_with(".cold")) continue;
    return {symbol.address, symbols_[i + 1].address};
  }
  return {0, 0};
}

}  // namespace alidade
