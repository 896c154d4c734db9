// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/go_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

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

// Not whether it is a character that Unicode has assigned, which changes from year to year.
bool IsPrintable(uint32_t rune) {
  constexpr struct {
    uint32_t first;
    uint32_t last;
  } kOthers[] = {
      // Controls, formats and spaces; surrogates and private use.
      {0x80, 0xa0},       {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},
      {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},
      {0x1680, 0x1680},   {0x180e, 0x180e},   {0x2000, 0x200f},   {0x2028, 0x202f},
      {0x205f, 0x206f},   {0x3000, 0x3000},   {0xd800, 0xf8ff},   {0xfeff, 0xfeff},
      {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
      {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe00ff}, {0xf0000, 0x10ffff},
  };
  return std::none_of(std::begin(kOthers), std::end(kOthers), [rune](const auto& range) {
    return rune >= range.first && rune <= range.last;
  });
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
  } else if (!IsPrintable(rune.value)) {
    if (rune.value < 0x10000) {
      absl::StrAppendFormat(out, "\\u%04x", rune.value);
    } else {
      absl::StrAppendFormat(out, "\\U%08x", rune.value);
    }
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
