// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/go_text.h"

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_format.h"

namespace alidade {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

struct Rune {
  uint32_t value;  // kReplacement when the bytes are not UTF-8
  size_t size;     // bytes it takes, 1 when they are not UTF-8
};

Rune FirstRune(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {kReplacement, 1};
  uint32_t value = lead & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {kReplacement, 1};
    value = (value << 6) | (byte(i) & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kSmallest[size] || surrogate || value > 0x10ffff) return {kReplacement, 1};
  return {value, size};
}

// The letter of a two-character escape, or NUL.
char EscapeLetter(char c) {
  switch (c) {
    case '\a':
      return 'a';
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    case '\v':
      return 'v';
    case '\\':
      return '\\';
    default:
      return '\0';
  }
}

// Takes the first rune off `text` and appends it as it stands between two `quote` characters.
void TakeRune(char quote, std::string_view* text, std::string* out) {
  const Rune rune = FirstRune(*text);
  const char lead = text->front();
  const std::string_view bytes = text->substr(0, rune.size);
  text->remove_prefix(rune.size);
  if (lead == quote) {
    out->push_back('\\');
    out->push_back(quote);
  } else if (const char letter = EscapeLetter(lead); letter != '\0') {
    out->push_back('\\');
    out->push_back(letter);
  } else if (rune.value < 0x20 || rune.value == 0x7f ||
             (rune.value == kReplacement && rune.size == 1)) {
    absl::StrAppendFormat(out, "\\x%02x", static_cast<uint8_t>(lead));
  } else if (rune.value >= 0x80 && rune.value <= 0xa0) {
    absl::StrAppendFormat(out, "\\u%04x", rune.value);
  } else {
    out->append(bytes);
  }
}

}  // namespace

std::string GoQuote(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) TakeRune('"', &text, &quoted);
  return quoted + '"';
}

std::string GoQuoteFirstRune(std::string_view text) {
  std::string quoted = "'";
  TakeRune('\'', &text, &quoted);
  return quoted + '\'';
}

}  // namespace alidade
