// SPDX-License-Identifier: Apache-2.0
//
// Text from outside (command names, interface names) is any bytes; a proto3 string must be UTF-8.
#ifndef ALIDADE_PARSER_UTF8_H_
#define ALIDADE_PARSER_UTF8_H_

#include <cstddef>
#include <string_view>

namespace alidade {

// Bytes of the well-formed sequence that `text` starts with; 0 when there is none.
size_t Utf8SequenceBytes(std::string_view text);

// Overwrites each byte of `text` that is not part of a well-formed UTF-8 sequence (RFC 3629,
// Unicode table 3-7) with a question mark.
void ReplaceInvalidUtf8(char* text, size_t size);

}  // namespace alidade

#endif  // ALIDADE_PARSER_UTF8_H_
