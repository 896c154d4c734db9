// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "parser/l7/protocols.h"

namespace alidade {

std::string GenericSummary(const GenericLog& log) {
  std::string summary = absl::StrCat(log.protocol, " Fields: map[");
  const char* separator = "";
  for (const auto& [key, value] : log.fields) {
    absl::StrAppend(&summary, separator, key, ":", value);
    separator = " ";
  }
  return absl::StrCat(summary, "]");
}

}  // namespace alidade
