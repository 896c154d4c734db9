// SPDX-License-Identifier: Apache-2.0
//
// Quoting as in the error texts that Hubble's clients know, which come from Go's %q.
#ifndef ALIDADE_AGENT_FILTER_GO_TEXT_H_
#define ALIDADE_AGENT_FILTER_GO_TEXT_H_

#include <string>
#include <string_view>

namespace alidade {

// `text` in double quotes; control characters and bytes that are not UTF-8 are escaped.
std::string GoQuote(std::string_view text);

// The first character of `text` in single quotes. `text` is not empty.
std::string GoQuoteFirstRune(std::string_view text);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_GO_TEXT_H_
