// SPDX-License-Identifier: Apache-2.0
#include "parser/headers/headers.h"

namespace alidade {
namespace {

enum OptionKind : uint8_t { kEndOfList = 0, kNoOperation = 1, kMultipath = 30 };

// RFC 8684 section 3, upper half of the option's third byte.
enum MultipathSubtype : uint8_t {
  kCapable = 0,
  kJoin = 1,
  kDataSequenceSignal = 2,
  kAddAddress = 3,
  kRemoveAddress = 4,
  kPriority = 5,
  kFail = 6,
  kFastClose = 7,
  kReset = 8,
};

template <typename... Lengths>
bool IsOneOf(size_t length, Lengths... allowed) {
  return ((length == static_cast<size_t>(allowed)) || ...);
}

// Flags of the data sequence signal say which of its fields are there, and how wide.
bool IsValidSignal(uint8_t flags, size_t length) {
  const bool has_ack = (flags & 0x01) != 0;
  const bool has_wide_ack = (flags & 0x02) != 0;
  const bool has_mapping = (flags & 0x04) != 0;
  const bool has_wide_sequence = (flags & 0x08) != 0;
  size_t expected = 4;
  if (has_ack) expected += has_wide_ack ? 8 : 4;
  if (!has_mapping) return length == expected;
  expected += has_wide_sequence ? 14 : 10;
  return IsOneOf(length, expected, expected + 2);  // with or without checksum
}

// Low half of the third byte: the IP version in MPTCP 0 (4 or 6), an echo bit in MPTCP 1, where
// what is no echo carries eight bytes of HMAC.
bool IsValidAddAddress(uint8_t flags, size_t length) {
  const bool has_hmac = flags == 0;
  if (has_hmac) return IsOneOf(length, 16, 18, 28, 30);
  return IsOneOf(length, 8, 10, 20, 22);
}

// `option` starts with the option and has at least `length` and three bytes.
bool IsValidMultipath(const Cursor& option, size_t length) {
  const uint8_t subtype = option.U8(2) >> 4;
  const uint8_t flags = option.U8(2) & 0xf;
  switch (subtype) {
    case kCapable:
      return IsOneOf(length, 4, 12, 20, 22, 24);
    case kJoin:
      return IsOneOf(length, 12, 16, 24);
    case kDataSequenceSignal:
      return length >= 4 && IsValidSignal(option.U8(3), length);
    case kAddAddress:
      return IsValidAddAddress(flags, length);
    case kRemoveAddress:
      return length >= 4;
    case kPriority:
      return IsOneOf(length, 3, 4);
    case kFail:
    case kFastClose:
      return length == 12;
    case kReset:
      return length == 4;
    default:
      return length > 0;  // zero would never end
  }
}

}  // namespace

bool IsValidTcpOptions(Cursor options) {
  while (!options.empty()) {
    const uint8_t kind = options.U8(0);
    if (kind == kEndOfList) return true;
    if (kind == kNoOperation) {
      options.Skip(1);
      continue;
    }
    if (options.size() < 2) return false;
    const size_t length = options.U8(1);
    if (length > options.size()) return false;
    if (kind == kMultipath) {
      if (options.size() < 3 || !IsValidMultipath(options, length)) return false;
    } else if (length < 2) {
      return false;
    }
    options.Skip(length);
  }
  return true;
}

}  // namespace alidade
