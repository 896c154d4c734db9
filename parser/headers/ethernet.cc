// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kHeaderBytes = 14;
constexpr size_t kTagBytes = 4;

constexpr uint16_t kArp = 0x0806;

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
  while (rules.vlan_tags && IsVlanTag(ethertype) && cursor->size() >= kTagBytes) {
    ethertype = cursor->U16(2);
    cursor->Skip(kTagBytes);
  }
  if (rules.arp && ethertype == kArp) layers->last = LastLayer::kArp;
  return NextByEthertype(rules, ethertype);
}

}  // namespace alidade
