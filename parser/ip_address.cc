// SPDX-License-Identifier: Apache-2.0
#include "parser/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

#include "parser/hex.h"

namespace alidade {
namespace {

constexpr size_t kGroups = 8;

// A byte in decimal. How many digits the bytes of an address have cannot be foretold, so
// that the branches of writing them were often wrong.
struct DecimalByte {
  std::array<char, 3> digits{};
  uint8_t size = 0;
};

constexpr std::array<DecimalByte, 256> MakeDecimalBytes() {
  std::array<DecimalByte, 256> table;
  for (size_t value = 0; value < table.size(); ++value) {
    DecimalByte& row = table[value];
    if (value >= 100) row.digits[row.size++] = static_cast<char>('0' + value / 100);
    if (value >= 10) row.digits[row.size++] = static_cast<char>('0' + value / 10 % 10);
    row.digits[row.size++] = static_cast<char>('0' + value % 10);
  }
  return table;
}

constexpr std::array<DecimalByte, 256> kDecimalBytes = MakeDecimalBytes();

// Writes up to two bytes behind the text, still within "255.255.255.255".
char* PutDottedQuad(const uint8_t* bytes, char* out) {
  for (int i = 0; i < 4; ++i) {
    if (i > 0) *out++ = '.';
    const DecimalByte& row = kDecimalBytes[bytes[i]];
    std::memcpy(out, row.digits.data(), row.digits.size());
    out += row.size;
  }
  return out;
}

char* PutHexGroup(uint16_t group, char* out) {
  if (group >= 0x1000) *out++ = kHexDigits[group >> 12];
  if (group >= 0x100) *out++ = kHexDigits[group >> 8 & 0xf];
  if (group >= 0x10) *out++ = kHexDigits[group >> 4 & 0xf];
  *out++ = kHexDigits[group & 0xf];
  return out;
}

struct ZeroRun {
  size_t begin = kGroups;
  size_t length = 0;
};

// The run that "::" stands for: the longest of at least two groups, the first of equals (RFC 5952
// section 4.2).
ZeroRun LongestZeroRun(const std::array<uint16_t, kGroups>& groups) {
  ZeroRun best;
  for (size_t i = 0; i < kGroups;) {
    size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    i = end + 1;
  }
  return best;
}

char* PutGroups(const uint8_t* bytes, char* out) {
  std::array<uint16_t, kGroups> groups;
  for (size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  const ZeroRun run = LongestZeroRun(groups);
  for (size_t i = 0; i < kGroups;) {
    if (i == run.begin) {
      *out++ = ':';
      *out++ = ':';
      i += run.length;
      continue;
    }
    if (i > 0 && i != run.begin + run.length) *out++ = ':';
    out = PutHexGroup(groups[i], out);
    ++i;
  }
  return out;
}

}  // namespace

IpAddress IpAddress::V4(const void* source) {
  IpAddress address;
  std::memcpy(address.bytes.data(), source, 4);
  address.version = IpVersion::kV4;
  return address;
}

IpAddress IpAddress::V6(const void* source) {
  IpAddress address;
  std::memcpy(address.bytes.data(), source, 16);
  address.version = IpVersion::kV6;
  return address;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof(terminated) || text.find('\0') != text.npos) return std::nullopt;
  terminated[text.copy(terminated, text.size())] = '\0';

  uint8_t bytes[16];
  if (inet_pton(AF_INET, terminated, bytes) == 1) return V4(bytes);
  if (inet_pton(AF_INET6, terminated, bytes) == 1) return V6(bytes);
  return std::nullopt;
}

bool IpAddress::is_unspecified() const {
  return valid() && std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
}

bool IpAddress::is_loopback() const {
  if (version == IpVersion::kV4) return bytes[0] == 127;
  if (version != IpVersion::kV6) return false;
  return bytes[15] == 1 &&
         std::all_of(bytes.begin(), bytes.end() - 1, [](uint8_t b) { return b == 0; });
}

size_t IpAddress::Format(char* out) const {
  char* end = out;
  if (version == IpVersion::kV4) {
    end = PutDottedQuad(bytes.data(), out);
  } else if (is_mapped()) {
    end = PutDottedQuad(bytes.data() + kMappedPrefix.size(), out);
  } else if (version == IpVersion::kV6) {
    end = PutGroups(bytes.data(), out);
  }
  return static_cast<size_t>(end - out);
}

std::string IpAddress::ToString() const {
  char text[kMaxText];
  return std::string(text, Format(text));
}

}  // namespace alidade
