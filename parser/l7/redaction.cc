// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/redaction.h"

#include "absl/strings/ascii.h"

namespace alidade {

bool Redaction::HidesHeader(std::string_view key) const {
  if (!enabled) return false;
  std::string lower(key);
  absl::AsciiStrToLower(&lower);
  if (allowed_headers.contains(lower)) return false;
  if (denied_headers.contains(lower)) return true;
  return !allowed_headers.empty() || denied_headers.empty();
}

}  // namespace alidade
