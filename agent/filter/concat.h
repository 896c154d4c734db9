// SPDX-License-Identifier: Apache-2.0
//
// One string out of pieces of any string type: abseil's own StrCat does not take a
// std::string_view in builds, such as Debian's, where absl::string_view is another type.
#ifndef ALIDADE_AGENT_FILTER_CONCAT_H_
#define ALIDADE_AGENT_FILTER_CONCAT_H_

#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace alidade {

inline std::string_view AsView(std::string_view text) { return text; }
inline std::string_view AsView(const std::string& text) { return text; }
inline std::string_view AsView(const char* text) { return text; }
#ifndef ABSL_USES_STD_STRING_VIEW
inline std::string_view AsView(absl::string_view text) { return {text.data(), text.size()}; }
#endif

template <typename... Pieces>
std::string Concat(const Pieces&... pieces) {
  std::string whole;
  whole.reserve((AsView(pieces).size() + ...));
  (whole.append(AsView(pieces)), ...);
  return whole;
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_CONCAT_H_
