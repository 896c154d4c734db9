// SPDX-License-Identifier: Apache-2.0
//
// Patterns of DNS names and of node names (contract 5.5): `*` is any run of `-.0-9a-z`.
#ifndef ALIDADE_AGENT_FILTER_DNS_PATTERN_H_
#define ALIDADE_AGENT_FILTER_DNS_PATTERN_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "re2/re2.h"

namespace alidade {

// The regular expression, unanchored, of one name pattern, which is trimmed and lower-cased first.
// Errors: UNKNOWN, `empty pattern`, `multiple trailing dots in pattern`, or `'<c>': invalid rune in
// pattern`.
absl::StatusOr<std::string> DnsPatternRegex(std::string_view pattern);

// A set of alternatives that match a whole text.
class WholeTextMatcher {
 public:
  // Adds a regular expression that is known to be well-formed.
  void Add(std::string_view regex);
  // Call once, after the last Add.
  void Compile();
  bool Matches(std::string_view text) const;

 private:
  std::string alternatives_;
  std::unique_ptr<RE2> regex_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_DNS_PATTERN_H_
