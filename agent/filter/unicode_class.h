// SPDX-License-Identifier: Apache-2.0
//
// Names of Unicode classes in regular expressions: Go, from 1.25 on, does not mind how they are
// written, and knows the long names of categories. RE2 does not.
#ifndef ALIDADE_AGENT_FILTER_UNICODE_CLASS_H_
#define ALIDADE_AGENT_FILTER_UNICODE_CLASS_H_

#include <string>
#include <string_view>

namespace alidade {

// `\p{name}` in RE2's words, or `\P{name}` when `negated`; `in_brackets`: among other members of a
// class. A name that neither knows, and what RE2 cannot express there, stays as it is.
std::string SpellUnicodeClass(std::string_view name, bool negated, bool in_brackets);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_UNICODE_CLASS_H_
