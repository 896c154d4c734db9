// SPDX-License-Identifier: Apache-2.0
//
// The transport headers that are little more than a few fixed fields.
#include "parser/headers/headers.h"

namespace alidade {
namespace {

void SetPorts(L4Protocol protocol, const Cursor& cursor, PacketLayers* layers) {
  layers->l4 = {};
  layers->l4.protocol = protocol;
  layers->l4.source_port = cursor.U16(0);
  layers->l4.destination_port = cursor.U16(2);
  layers->last = LastLayer::kL4;
}

void SetTypeAndCode(L4Protocol protocol, const Cursor& cursor, PacketLayers* layers) {
  layers->l4 = {};
  layers->l4.protocol = protocol;
  layers->l4.type = cursor.U8(0);
  layers->l4.code = cursor.U8(1);
  layers->last = LastLayer::kL4;
}

}  // namespace

NextHeader ReadUdp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers) {
  constexpr size_t kHeaderBytes = 8;
  if (cursor->size() < kHeaderBytes) return NextHeader::kMalformed;
  const size_t length = cursor->U16(4);
  // Zero is a jumbogram (RFC 2675 section 4).
  const bool is_too_short = length != 0 && length < kHeaderBytes;
  if (rules.strict && is_too_short) return NextHeader::kMalformed;

  SetPorts(L4Protocol::kUdp, *cursor, layers);
  if (length != 0) cursor->Truncate(length);
  cursor->Skip(kHeaderBytes);
  return NextHeader::kStop;
}

NextHeader ReadSctp(Cursor* cursor, PacketLayers* layers) {
  constexpr size_t kHeaderBytes = 12;
  if (cursor->size() < kHeaderBytes) return NextHeader::kMalformed;
  SetPorts(L4Protocol::kSctp, *cursor, layers);
  cursor->Skip(kHeaderBytes);
  return NextHeader::kStop;
}

NextHeader ReadIcmpV4(Cursor* cursor, PacketLayers* layers) {
  constexpr size_t kHeaderBytes = 8;
  if (cursor->size() < kHeaderBytes) return NextHeader::kMalformed;
  SetTypeAndCode(L4Protocol::kIcmpV4, *cursor, layers);
  cursor->Skip(kHeaderBytes);
  return NextHeader::kStop;
}

NextHeader ReadIcmpV6(Cursor* cursor, PacketLayers* layers) {
  constexpr size_t kHeaderBytes = 4;
  if (cursor->size() < kHeaderBytes) return NextHeader::kMalformed;
  SetTypeAndCode(L4Protocol::kIcmpV6, *cursor, layers);
  cursor->Skip(kHeaderBytes);
  return NextHeader::kStop;
}

}  // namespace alidade
