// SPDX-License-Identifier: Apache-2.0
//
// An IPv4 or IPv6 address as it stands in a packet, with its canonical text.
#ifndef ALIDADE_PARSER_IP_ADDRESS_H_
#define ALIDADE_PARSER_IP_ADDRESS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace alidade {

// Numbers are those of flow.IPVersion; kNone is an address that is not there.
enum class IpVersion : uint8_t { kNone = 0, kV4 = 1, kV6 = 2 };

// Plain value, 17 bytes, no heap. Network byte order; IPv4 in the first four bytes, the rest zero.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};
  IpVersion version = IpVersion::kNone;

  static constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                            0, 0, 0, 0, 0xff, 0xff};

  // Longest text: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".
  static constexpr size_t kMaxText = 39;

  // `source` points to 4 or 16 bytes in network order.
  static IpAddress V4(const void* source);
  static IpAddress V6(const void* source);

  // Parses dotted-quad or RFC 4291 text without zone or prefix length; nullopt when it is neither.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool valid() const { return version != IpVersion::kNone; }
  bool is_unspecified() const;
  bool is_loopback() const;  // 127.0.0.0/8, ::1
  // ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2) as the IPv4 address inside it; others unchanged.
  IpAddress Unmapped() const {
    return is_mapped() ? V4(bytes.data() + kMappedPrefix.size()) : *this;
  }
  bool is_mapped() const {
    return version == IpVersion::kV6 &&
           std::memcmp(bytes.data(), kMappedPrefix.data(), kMappedPrefix.size()) == 0;
  }

  // Writes the canonical text (RFC 5952, lower case; an IPv4-mapped address as its dotted quad, as
  // Hubble prints it) without a terminating NUL to `out` of at least kMaxText bytes and returns its
  // length; 0 when the address is not there.
  size_t Format(char* out) const;
  std::string ToString() const;

  friend bool operator==(const IpAddress& a, const IpAddress& b) {
    return a.version == b.version && a.bytes == b.bytes;
  }
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_IP_ADDRESS_H_
