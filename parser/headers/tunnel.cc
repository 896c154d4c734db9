// SPDX-License-Identifier: Apache-2.0
#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kFixedBytes = 8;  // of VXLAN and Geneve

uint32_t NetworkIdentifier(const Cursor& cursor) { return cursor.U32(4) >> 8; }

}  // namespace

NextHeader ReadVxlan(const PacketRules& rules, Cursor* cursor, uint32_t* vni) {
  constexpr uint8_t kHasIdentifier = 0x08;
  if (cursor->size() < kFixedBytes) return NextHeader::kMalformed;
  // A port alone makes no tunnel of a datagram.
  if (!rules.strict && (cursor->U8(0) & kHasIdentifier) == 0) return NextHeader::kMalformed;
  *vni = NetworkIdentifier(*cursor);
  cursor->Skip(kFixedBytes);
  return NextHeader::kEthernet;
}

NextHeader ReadGeneve(const PacketRules& rules, Cursor* cursor, uint32_t* vni) {
  if (cursor->size() < kFixedBytes) return NextHeader::kMalformed;
  const size_t options_end = kFixedBytes + (cursor->U8(0) & size_t{0x3f}) * 4;
  // Options are walked one by one: the last may reach beyond the length that the header declares.
  size_t offset = kFixedBytes;
  while (offset < options_end) {
    if (offset + 4 > cursor->size()) return NextHeader::kMalformed;
    offset += 4 + (cursor->U8(offset + 3) & size_t{0x1f}) * 4;
  }
  if (offset > cursor->size()) return NextHeader::kMalformed;

  *vni = NetworkIdentifier(*cursor);
  const uint16_t ethertype = cursor->U16(2);
  cursor->Skip(offset);
  return NextByEthertype(rules, ethertype);
}

NextHeader ReadGre(const PacketRules& rules, Cursor* cursor) {
  constexpr size_t kWord = 4;
  constexpr uint16_t kChecksum = 0x8000, kRouting = 0x4000, kKey = 0x2000, kSequence = 0x1000;
  constexpr uint16_t kVersion = 0x0007;
  if (cursor->size() < kWord) return NextHeader::kMalformed;
  const uint16_t flags = cursor->U16(0);
  const uint16_t ethertype = cursor->U16(2);
  // Source routes went with RFC 2784; version 1 is PPTP, which carries no packets (RFC 2637).
  if ((flags & (kRouting | kVersion)) != 0) return NextHeader::kStop;
  size_t header_bytes = kWord;
  for (const uint16_t option : {kChecksum, kKey, kSequence}) {
    if ((flags & option) != 0) header_bytes += kWord;
  }
  if (cursor->size() < header_bytes) return NextHeader::kMalformed;
  cursor->Skip(header_bytes);
  return NextByEthertype(rules, ethertype);
}

}  // namespace alidade
