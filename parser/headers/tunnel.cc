// SPDX-License-Identifier: Apache-2.0
#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kFixedBytes = 8;  // of either

uint32_t NetworkIdentifier(const Cursor& cursor) { return cursor.U32(4) >> 8; }

}  // namespace

NextHeader ReadVxlan(Cursor* cursor, uint32_t* vni) {
  if (cursor->size() < kFixedBytes) return NextHeader::kMalformed;
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

}  // namespace alidade
