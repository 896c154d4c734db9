// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/ip_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"

namespace alidade {
namespace {

constexpr size_t kV4Bytes = 4;
constexpr size_t kV6Bytes = 16;
constexpr unsigned kBitsPerByte = 8;

std::optional<unsigned> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

// Parses one text. Every step returns false after it has set the error.
class IpReader {
 public:
  explicit IpReader(std::string_view text) : text_(text) {}

  absl::StatusOr<ParsedIp> Read() {
    const size_t first = text_.find_first_of(".:%");
    bool ok = false;
    if (first == std::string_view::npos) {
      Fail("unable to parse IP");
    } else if (text_[first] == '%') {
      Fail("missing IPv6 address");
    } else if (text_[first] == '.') {
      ok = ReadV4(text_, bytes_.data());
      parsed_.address = IpAddress::V4(bytes_.data());
    } else {
      ok = ReadV6();
      parsed_.address = IpAddress::V6(bytes_.data());
    }
    if (!ok) return error_;
    return parsed_;
  }

 private:
  bool Fail(std::string_view reason, std::string_view at = {}) {
    std::string message = Concat("ParseAddr(", GoQuote(text_), "): ", reason);
    if (!at.empty()) message += Concat(" (at ", GoQuote(at), ")");
    error_ = absl::UnknownError(message);
    return false;
  }

  // A dotted quad that takes all of `text`.
  bool ReadV4(std::string_view text, uint8_t* out) {
    size_t octet = 0;
    unsigned value = 0;
    size_t digits = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c >= '0' && c <= '9') {
        if (digits == 1 && value == 0) return Fail("IPv4 field has octet with leading zero");
        value = value * 10 + static_cast<unsigned>(c - '0');
        ++digits;
        if (value > UINT8_MAX) return Fail("IPv4 field has value >255");
      } else if (c == '.') {
        if (digits == 0 || i + 1 == text.size()) {
          return Fail("IPv4 field must have at least one digit", text.substr(i));
        }
        if (octet == kV4Bytes - 1) return Fail("IPv4 address too long");
        out[octet++] = static_cast<uint8_t>(value);
        value = 0;
        digits = 0;
      } else {
        return Fail("unexpected character", text.substr(i));
      }
    }
    if (octet < kV4Bytes - 1) return Fail("IPv4 address too short");
    out[octet] = static_cast<uint8_t>(value);
    return true;
  }

  bool ReadV6() {
    std::string_view rest = text_;
    if (const size_t percent = rest.find('%'); percent != std::string_view::npos) {
      if (percent + 1 == rest.size()) return Fail("zone must be a non-empty string");
      parsed_.has_zone = true;
      rest = rest.substr(0, percent);
    }
    if (rest.substr(0, 2) == "::") {
      gap_ = 0;
      rest.remove_prefix(2);
      if (rest.empty()) return true;
    }
    while (filled_ < kV6Bytes) {
      bool last = false;
      if (!ReadGroup(&rest, &last)) return false;
      if (last) break;
    }
    if (!rest.empty()) return Fail("trailing garbage after address", rest);
    return ExpandGap();
  }

  // One group of hex digits, or the IPv4 address at the end, with the colons behind it.
  bool ReadGroup(std::string_view* rest, bool* last) {
    size_t size = 0;
    unsigned value = 0;
    for (; size < rest->size(); ++size) {
      const std::optional<unsigned> digit = HexDigit((*rest)[size]);
      if (!digit) break;
      if (size == 4) return Fail("each group must have 4 or less digits", *rest);
      value = (value << 4) | *digit;
    }
    if (size == 0) {
      return Fail("each colon-separated field must have at least one digit", *rest);
    }
    if (size < rest->size() && (*rest)[size] == '.') {
      *last = true;
      return ReadEmbeddedV4(rest);
    }
    bytes_[filled_++] = static_cast<uint8_t>(value >> kBitsPerByte);
    bytes_[filled_++] = static_cast<uint8_t>(value);
    rest->remove_prefix(size);
    *last = rest->empty();
    return *last || ReadColons(rest, last);
  }

  bool ReadEmbeddedV4(std::string_view* rest) {
    if (!gap_ && filled_ != kV6Bytes - kV4Bytes) {
      return Fail("embedded IPv4 address must replace the final 2 fields of the address", *rest);
    }
    if (filled_ + kV4Bytes > kV6Bytes) {
      return Fail("too many hex fields to fit an embedded IPv4 at the end of the address", *rest);
    }
    if (!ReadV4(*rest, &bytes_[filled_])) return false;
    filled_ += kV4Bytes;
    *rest = {};
    return true;
  }

  bool ReadColons(std::string_view* rest, bool* last) {
    if (rest->front() != ':') return Fail("unexpected character, want colon", *rest);
    if (rest->size() == 1) return Fail("colon must be followed by more characters", *rest);
    rest->remove_prefix(1);
    if (rest->front() != ':') return true;
    if (gap_) return Fail("multiple :: in address", *rest);
    gap_ = filled_;
    rest->remove_prefix(1);
    *last = rest->empty();
    return true;
  }

  // Moves what follows the `::` to the end.
  bool ExpandGap() {
    if (filled_ == kV6Bytes) {
      return !gap_ || Fail("the :: must expand to at least one field of zeros");
    }
    if (!gap_) return Fail("address string too short");
    const auto gap = bytes_.begin() + static_cast<ptrdiff_t>(*gap_);
    const auto end = bytes_.begin() + static_cast<ptrdiff_t>(filled_);
    const auto tail = std::copy_backward(gap, end, bytes_.end());
    std::fill(gap, tail, uint8_t{0});
    return true;
  }

  const std::string_view text_;
  std::array<uint8_t, kV6Bytes> bytes_{};
  size_t filled_ = 0;
  std::optional<size_t> gap_;  // where `::` stands
  ParsedIp parsed_;
  absl::Status error_;
};

absl::Status PrefixError(std::string_view text, std::string_view reason) {
  return absl::UnknownError(Concat("netip.ParsePrefix(", GoQuote(text), "): ", reason));
}

}  // namespace

bool IpPrefix::Contains(const IpAddress& other) const {
  if (other.version != address.version) return false;
  const size_t whole = bits / kBitsPerByte;
  if (!std::equal(address.bytes.begin(), address.bytes.begin() + static_cast<ptrdiff_t>(whole),
                  other.bytes.begin())) {
    return false;
  }
  const unsigned left = bits % kBitsPerByte;
  if (left == 0) return true;
  const unsigned differing = address.bytes[whole] ^ other.bytes[whole];
  return differing >> (kBitsPerByte - left) == 0;
}

absl::StatusOr<ParsedIp> ParseIpText(std::string_view text) { return IpReader(text).Read(); }

absl::StatusOr<IpPrefix> ParsePrefixText(std::string_view text) {
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return PrefixError(text, "no '/'");
  const absl::StatusOr<ParsedIp> ip = ParseIpText(text.substr(0, slash));
  if (!ip.ok()) return PrefixError(text, AsView(ip.status().message()));
  if (ip->has_zone) return PrefixError(text, "IPv6 zones cannot be present in a prefix");

  const std::string_view digits = text.substr(slash + 1);
  const bool decimal =
      !digits.empty() && (digits.size() == 1 || digits.front() != '0') &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  int64_t bits = 0;
  if (!decimal || !absl::SimpleAtoi(std::string(digits), &bits)) {
    return PrefixError(text, Concat("bad bits after slash: ", GoQuote(digits)));
  }
  const size_t bytes = ip->address.version == IpVersion::kV4 ? kV4Bytes : kV6Bytes;
  if (bits > static_cast<int64_t>(bytes * kBitsPerByte)) {
    return PrefixError(text, "prefix length out of range");
  }
  return IpPrefix{ip->address, static_cast<unsigned>(bits)};
}

}  // namespace alidade
