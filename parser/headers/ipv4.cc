// SPDX-License-Identifier: Apache-2.0
#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kFixedBytes = 20;
constexpr uint16_t kMoreFragments = 0x2000;
constexpr uint16_t kFragmentOffset = 0x1fff;

enum OptionKind : uint8_t { kEndOfList = 0, kNoOperation = 1 };

bool IsValidOptions(Cursor options) {
  while (!options.empty()) {
    const uint8_t kind = options.U8(0);
    if (kind == kEndOfList) return true;
    if (kind == kNoOperation) {
      options.Skip(1);
      continue;
    }
    if (options.size() < 2) return false;
    const uint8_t length = options.U8(1);
    if (length < 3 || length > options.size()) return false;
    options.Skip(length);
  }
  return true;
}

bool IsValidHeader(const Cursor& cursor, size_t header_bytes, size_t total_bytes) {
  if (total_bytes < header_bytes || header_bytes > cursor.size()) return false;
  Cursor options = cursor;
  options.Truncate(header_bytes);
  options.Skip(kFixedBytes);
  return IsValidOptions(options);
}

}  // namespace

NextHeader ReadIpV4(const PacketRules& rules, Cursor* cursor, PacketLayers* layers) {
  if (cursor->size() < kFixedBytes) return NextHeader::kMalformed;
  const size_t header_bytes = (cursor->U8(0) & size_t{0xf}) * 4;
  size_t total_bytes = cursor->U16(2);
  if (total_bytes == 0) total_bytes = cursor->size();  // segmentation offload fills it in later
  if (header_bytes < kFixedBytes) return NextHeader::kMalformed;
  if (rules.strict) {
    if (!IsValidHeader(*cursor, header_bytes, total_bytes)) return NextHeader::kMalformed;
  } else if (cursor->U8(0) >> 4 != 4) {
    return NextHeader::kMalformed;
  }

  const uint16_t fragment = cursor->U16(6);
  const uint8_t protocol = cursor->U8(9);
  layers->ip.version_ = IpVersion::kV4;
  layers->ip.source = IpAddress::V4(cursor->At(12));
  layers->ip.destination = IpAddress::V4(cursor->At(16));
  layers->last = LastLayer::kIpV4;
  cursor->Truncate(total_bytes);
  cursor->Skip(header_bytes);

  const uint16_t is_headless =
      rules.first_fragments ? kFragmentOffset : kFragmentOffset | kMoreFragments;
  if ((fragment & is_headless) != 0) return NextHeader::kStop;
  if (rules.extension_headers && protocol == kProtocolAh) {
    return NextBehindExtensions(protocol, cursor);
  }
  return NextByProtocol(protocol);
}

}  // namespace alidade
