// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/name_pattern.h"

#include <algorithm>

namespace alidade {

absl::Status NamePatterns::Add(std::string_view text) {
  if (text.empty()) return absl::UnknownError("invalid filter, name must not be empty");
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    patterns_.push_back({false, "default", std::string(text)});
    return absl::OkStatus();
  }
  const std::string_view namespace_name = text.substr(0, slash);
  const std::string_view rest = text.substr(slash + 1);
  patterns_.push_back({namespace_name.empty(), std::string(namespace_name),
                       std::string(rest.substr(0, rest.find('/')))});
  return absl::OkStatus();
}

bool NamePatterns::Matches(std::string_view namespace_name, std::string_view name) const {
  if (namespace_name.empty() && name.empty()) return false;
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
    return (pattern.any_namespace || pattern.namespace_name == namespace_name) &&
           name.starts_with(pattern.prefix);
  });
}

}  // namespace alidade
