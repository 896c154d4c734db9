// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/trace_parent.h"

#include <cstddef>

namespace alidade {
namespace {

bool IsLowerHex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool IsZero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

// Cuts what stands before the next dash off `rest`; empty unless that is `digits` hex digits.
std::string_view TakePart(size_t digits, std::string_view* rest) {
  const size_t dash = rest->find('-');
  const std::string_view part = rest->substr(0, dash);
  rest->remove_prefix(dash == std::string_view::npos ? rest->size() : dash + 1);
  return part.size() == digits && IsLowerHex(part) ? part : std::string_view();
}

}  // namespace

std::string_view TraceIdOf(std::string_view header) {
  std::string_view rest = header;
  const std::string_view version = TakePart(2, &rest);
  const std::string_view trace_id = TakePart(32, &rest);
  const std::string_view span_id = TakePart(16, &rest);
  const std::string_view flags = TakePart(2, &rest);
  if (version.empty() || trace_id.empty() || span_id.empty() || flags.empty()) return {};
  if (version == "ff" || IsZero(trace_id) || IsZero(span_id)) return {};
  // The first version knows two flags, and nothing behind them.
  if (version == "00" && (!rest.empty() || flags > "02")) return {};
  return trace_id;
}

}  // namespace alidade
