// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/color.h"

#include "absl/strings/str_cat.h"

namespace alidade {

std::string Paint(const std::string& text, Color color, bool on) {
  if (!on || color == Color::kNone || text.empty()) return text;
  return absl::StrCat("\x1b[", static_cast<int>(color), "m", text, "\x1b[0m");
}

}  // namespace alidade
