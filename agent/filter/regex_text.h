// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions of filters: RE2 syntax, searched for anywhere in the text, with Go's words
// for what is wrong with one (contract 5.8).
#ifndef ALIDADE_AGENT_FILTER_REGEX_TEXT_H_
#define ALIDADE_AGENT_FILTER_REGEX_TEXT_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "re2/re2.h"

namespace alidade {

// Errors: UNKNOWN, "error parsing regexp: <what>: `<fragment>`".
absl::StatusOr<std::unique_ptr<RE2>> CompileRegex(const std::string& pattern);

// Alternatives.
class RegexList {
 public:
  void Add(std::unique_ptr<RE2> regex) { regexes_.push_back(std::move(regex)); }
  // Whether one of them is found in `text`.
  bool FoundIn(std::string_view text) const;

 private:
  std::vector<std::unique_ptr<RE2>> regexes_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_REGEX_TEXT_H_
