// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/wire.h"

namespace alidade {
namespace {

constexpr unsigned kTypeBits = 3;
constexpr unsigned kMaxVarintBytes = 10;

uint64_t Tag(uint32_t field, WireType type) {
  return (uint64_t{field} << kTypeBits) | static_cast<uint64_t>(type);
}

}  // namespace

bool WireCursor::TakeLongVarint(uint64_t* value) {
  *value = 0;
  for (unsigned i = 0; i < kMaxVarintBytes && i < rest_.size(); ++i) {
    const auto byte = static_cast<uint8_t>(rest_[i]);
    *value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool WireCursor::Skip(size_t bytes) {
  if (bytes > rest_.size()) return false;
  rest_.remove_prefix(bytes);
  return true;
}

bool WireCursor::Next() {
  const std::string_view start = rest_;
  uint64_t tag = 0;
  if (!TakeVarint(&tag) || tag >> kTypeBits == 0 || tag > UINT32_MAX) return false;
  field_ = static_cast<uint32_t>(tag >> kTypeBits);
  type_ = static_cast<WireType>(tag & ((1u << kTypeBits) - 1));
  switch (type_) {
    case WireType::kVarint:
      if (!TakeVarint(&number_)) return false;
      break;
    case WireType::kBytes: {
      uint64_t size = 0;
      if (!TakeVarint(&size) || size > rest_.size()) return false;
      bytes_ = rest_.substr(0, static_cast<size_t>(size));
      rest_.remove_prefix(bytes_.size());
      break;
    }
    case WireType::kFixed64:
      if (!Skip(8)) return false;
      break;
    case WireType::kFixed32:
      if (!Skip(4)) return false;
      break;
    default:
      return false;
  }
  whole_ = start.substr(0, start.size() - rest_.size());
  return true;
}

std::optional<std::string_view> FindBytes(std::string_view message, uint32_t field) {
  std::optional<std::string_view> found;
  for (WireCursor cursor(message); cursor.Next();) {
    if (cursor.field() == field && cursor.type() == WireType::kBytes) found = cursor.bytes();
  }
  return found;
}

uint64_t FindNumber(std::string_view message, uint32_t field) {
  uint64_t found = 0;
  for (WireCursor cursor(message); cursor.Next();) {
    if (cursor.field() == field && cursor.type() == WireType::kVarint) found = cursor.number();
  }
  return found;
}

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void AppendNumber(uint32_t field, uint64_t value, std::string* out) {
  AppendVarint(Tag(field, WireType::kVarint), out);
  AppendVarint(value, out);
}

void AppendBytes(uint32_t field, std::string_view value, std::string* out) {
  AppendBytesHead(field, value.size(), out);
  out->append(value);
}

void AppendBytesHead(uint32_t field, size_t size, std::string* out) {
  AppendVarint(Tag(field, WireType::kBytes), out);
  AppendVarint(size, out);
}

}  // namespace alidade
