// SPDX-License-Identifier: Apache-2.0
//
// Regular expressions of Go in the words of RE2 for C++, where the two differ.
#ifndef ALIDADE_AGENT_FILTER_REGEX_SPELLING_H_
#define ALIDADE_AGENT_FILTER_REGEX_SPELLING_H_

#include <string>
#include <string_view>

namespace alidade {

struct RegexSpelling {
  std::string pattern;  // for RE2
  // What RE2 takes and Go does not, `reason` and `fragment` as Go tells them; else both empty.
  std::string_view reason;
  std::string_view fragment;  // of the given pattern
};

// `pattern` outlives the result. Says nothing of what both refuse.
RegexSpelling SpellRegex(std::string_view pattern);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_REGEX_SPELLING_H_
