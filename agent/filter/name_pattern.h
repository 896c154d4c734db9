// SPDX-License-Identifier: Apache-2.0
//
// `namespace/prefix` patterns of pods and services (contract 5.4).
#ifndef ALIDADE_AGENT_FILTER_NAME_PATTERN_H_
#define ALIDADE_AGENT_FILTER_NAME_PATTERN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace alidade {

// Alternatives. Without a slash the namespace is `default`; an empty part is any; what follows a
// second slash is ignored. Namespaces are exact, names are prefixes, both case-sensitive.
class NamePatterns {
 public:
  // Errors: UNKNOWN, for an empty pattern.
  template <typename Texts>
  absl::Status AddAll(const Texts& texts) {
    for (const auto& text : texts) {
      absl::Status status = Add(text);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // False when both are empty: there is nobody to match.
  bool Matches(std::string_view namespace_name, std::string_view name) const;

 private:
  struct Pattern {
    bool any_namespace;
    std::string namespace_name;
    std::string prefix;
  };
  absl::Status Add(std::string_view text);

  std::vector<Pattern> patterns_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_NAME_PATTERN_H_
