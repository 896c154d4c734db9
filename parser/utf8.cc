// SPDX-License-Identifier: Apache-2.0
#include "parser/utf8.h"

#include <cstdint>
#include <cstring>

namespace alidade {
namespace {

bool IsBetween(uint8_t byte, uint8_t low, uint8_t high) { return byte >= low && byte <= high; }

}  // namespace

size_t Utf8SequenceBytes(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  size_t length = 0;
  uint8_t low = 0x80;  // of the second byte: no overlong form, no surrogate, nothing above U+10FFFF
  uint8_t high = 0xbf;
  if (IsBetween(lead, 0xc2, 0xdf)) {
    length = 2;
  } else if (IsBetween(lead, 0xe0, 0xef)) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (IsBetween(lead, 0xf0, 0xf4)) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  }
  if (length == 0 || length > text.size() || !IsBetween(byte(1), low, high)) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (!IsBetween(byte(i), 0x80, 0xbf)) return 0;
  }
  return length;
}

void ReplaceInvalidUtf8(char* text, size_t size) {
  constexpr uint64_t kBeyondAscii = 0x8080808080808080u;
  for (size_t i = 0; i < size;) {
    uint64_t word = 0;  // eight bytes of ASCII are passed over at once
    if (size - i >= sizeof(word)) {
      std::memcpy(&word, text + i, sizeof(word));
      if ((word & kBeyondAscii) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    if (static_cast<uint8_t>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const size_t length = Utf8SequenceBytes({text + i, size - i});
    if (length == 0) text[i] = '?';
    i += length == 0 ? 1 : length;
  }
}

}  // namespace alidade
