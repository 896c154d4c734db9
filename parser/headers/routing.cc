// SPDX-License-Identifier: Apache-2.0
//
// What routers say to each other and to hosts directly over IP: VRRP and IGMP.
#include "parser/headers/headers.h"

namespace alidade {

namespace {

constexpr size_t kVrrpFixedBytes = 8;

// Cilium's decoder minds the IP packet's end before the checksum only: its last two fixed bytes and
// the addresses may lie in what was captured behind it.
bool IsStrictlyValidVrrp(const Cursor& cursor) {
  constexpr size_t kBytesBeforeChecksum = 6;
  if (cursor.size() < kBytesBeforeChecksum) return false;
  const size_t addresses = cursor.U8(3);
  return addresses >= 1 && cursor.captured() >= kVrrpFixedBytes + 4 * addresses;
}

}  // namespace

NextHeader ReadVrrp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers) {
  constexpr uint8_t kAdvertisement = 1;  // the only type there is, in versions 2 and 3
  const bool is_valid =
      rules.strict ? IsStrictlyValidVrrp(*cursor) : cursor->size() >= kVrrpFixedBytes;
  if (!is_valid) return NextHeader::kMalformed;
  const uint8_t type = cursor->U8(0) & 0xf;
  if (type != kAdvertisement) return NextHeader::kMalformed;

  layers->l4 = {};
  layers->l4.protocol = L4Protocol::kVrrp;
  layers->l4.type = type;
  layers->l4.vrid = cursor->U8(1);
  layers->l4.priority = cursor->U8(2);
  layers->last = LastLayer::kL4;
  return NextHeader::kStop;
}

NextHeader ReadIgmp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers) {
  constexpr size_t kFixedBytes = 8;
  constexpr uint8_t kV3Report = 0x22;
  constexpr size_t kV3FirstGroup = 12;
  if (cursor->size() < kFixedBytes) return NextHeader::kMalformed;

  layers->l4 = {};
  layers->l4.protocol = L4Protocol::kIgmp;
  layers->l4.type = cursor->U8(0);
  if (rules.strict || layers->l4.type != kV3Report) {
    layers->l4.group = IpAddress::V4(cursor->At(4));
  } else if (cursor->U16(6) > 0 && cursor->size() >= kV3FirstGroup + 4) {
    // A version 3 report counts its records where the others have the group.
    layers->l4.group = IpAddress::V4(cursor->At(kV3FirstGroup));
  }
  layers->last = LastLayer::kL4;
  return NextHeader::kStop;
}

}  // namespace alidade
