// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_PARSER_L7_QUOTED_H_
#define ALIDADE_PARSER_L7_QUOTED_H_

#include <string>
#include <string_view>

namespace alidade {

// `text` in double quotes, with what cannot be printed escaped as in a Go string literal.
std::string Quoted(std::string_view text);

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_QUOTED_H_
