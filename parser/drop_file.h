// SPDX-License-Identifier: Apache-2.0
//
// Names of the source files that Cilium's drops come from.
#ifndef ALIDADE_PARSER_DROP_FILE_H_
#define ALIDADE_PARSER_DROP_FILE_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace alidade {

using DropFileBuffer = std::array<char, 16>;

// The name of source file `id` in Cilium's datapath, `unknown(<id>)` for a number without one: a
// view into `buffer` or into a static table. Source: event-format section 3.6.
std::string_view DropFileName(uint8_t id, DropFileBuffer* buffer);

}  // namespace alidade

#endif  // ALIDADE_PARSER_DROP_FILE_H_
