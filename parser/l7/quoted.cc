// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/quoted.h"

#include <cstdint>
#include <cstdio>

#include "parser/utf8.h"

namespace alidade {
namespace {

const char* ShortEscape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\a':
      return "\\a";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\v':
      return "\\v";
    default:
      return nullptr;
  }
}

uint32_t CodePoint(std::string_view sequence) {
  const auto lead = static_cast<uint8_t>(sequence[0]);
  if (sequence.size() == 1) return lead;
  uint32_t point = lead & (0x7fu >> sequence.size());
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<uint8_t>(c) & 0x3f);
  return point;
}

struct Range {
  uint32_t first;
  uint32_t last;
};

// What is no letter, mark, number, punctuation or symbol, nor the ASCII space: controls, other
// spaces, formatting, private use and noncharacters. Unassigned code points are not looked up.
constexpr Range kUnprintable[] = {
    {0x00, 0x1f},     {0x7f, 0xa0},     {0xad, 0xad},     {0x600, 0x605},     {0x61c, 0x61c},
    {0x6dd, 0x6dd},   {0x70f, 0x70f},   {0x1680, 0x1680}, {0x180e, 0x180e},   {0x2000, 0x200f},
    {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000}, {0xe000, 0xf8ff},   {0xfdd0, 0xfdef},
    {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0x10ffff}};

bool IsPrintable(uint32_t point) {
  for (const Range& range : kUnprintable) {
    if (point >= range.first && point <= range.last) return false;
  }
  return true;
}

void AppendHex(const char* format, uint32_t value, std::string* out) {
  char text[16];
  std::snprintf(text, sizeof(text), format, value);
  out->append(text);
}

void AppendPoint(std::string_view sequence, std::string* out) {
  const uint32_t point = CodePoint(sequence);
  if (IsPrintable(point)) {
    out->append(sequence);
  } else if (point < 0x80) {
    AppendHex("\\x%02x", point, out);
  } else if (point < 0x10000) {
    AppendHex("\\u%04x", point, out);
  } else {
    AppendHex("\\U%08x", point, out);
  }
}

}  // namespace

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t size = Utf8SequenceBytes(text);
    if (const char* escape = ShortEscape(text.front())) {
      out.append(escape);
    } else if (size == 0) {
      AppendHex("\\x%02x", static_cast<uint8_t>(text.front()), &out);
    } else {
      AppendPoint(text.substr(0, size), &out);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out + '"';
}

}  // namespace alidade
