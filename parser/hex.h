// SPDX-License-Identifier: Apache-2.0
//
// Bytes as lower-case hex digits.
#ifndef ALIDADE_PARSER_HEX_H_
#define ALIDADE_PARSER_HEX_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace alidade {

// Not local to the functions that use it: a compiler makes a copy on the stack of that.
inline constexpr char kHexDigits[] = "0123456789abcdef";

// Writes the two digits of `byte` to `out` and returns the place behind them.
inline char* PutHex(uint8_t byte, char* out) {
  *out++ = kHexDigits[byte >> 4];
  *out++ = kHexDigits[byte & 0xf];
  return out;
}

inline constexpr size_t kUuidTextBytes = 36;

// Writes `uuid` as text (RFC 4122 section 3) to `out` and returns kUuidTextBytes.
inline size_t PutUuid(const std::array<uint8_t, 16>& uuid, char* out) {
  for (size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    out = PutHex(uuid[i], out);
  }
  return kUuidTextBytes;
}

}  // namespace alidade

#endif  // ALIDADE_PARSER_HEX_H_
