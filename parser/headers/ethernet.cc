// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kHeaderBytes = 14;
constexpr size_t kTagBytes = 4;

constexpr uint16_t kArp = 0x0806;
constexpr uint16_t kTransparentBridging = 0x6558;

bool IsVlanTag(uint16_t ethertype) {
  return ethertype == 0x8100 || ethertype == 0x88a8 || ethertype == 0x9100;
}

}  // namespace

NextHeader ReadEthernet(const PacketRules& rules, Cursor* cursor, PacketLayers* layers) {
  if (cursor->size() < kHeaderBytes) return NextHeader::kMalformed;
  std::memcpy(layers->destination_mac.data(), cursor->At(0), layers->destination_mac.size());
  std::memcpy(layers->source_mac.data(), cursor->At(6), layers->source_mac.size());
  layers->has_ethernet = true;
  layers->last = LastLayer::kEthernet;

  uint16_t ethertype = cursor->U16(12);
  cursor->Skip(kHeaderBytes);
  for (int tag = 0; rules.vlan_tags && tag < kMaxVlanTags && IsVlanTag(ethertype); ++tag) {
    if (cursor->size() < kTagBytes) return NextHeader::kStop;
    ethertype = cursor->U16(2);
    cursor->Skip(kTagBytes);
  }
  if (rules.arp && ethertype == kArp) layers->last = LastLayer::kArp;
  // Ethernet stands in a tunnel's header, not in another Ethernet; Cilium's decoder takes either.
  if (!rules.strict && ethertype == kTransparentBridging) return NextHeader::kStop;
  return NextByEthertype(rules, ethertype);
}

}  // namespace alidade
