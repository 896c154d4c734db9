// SPDX-License-Identifier: Apache-2.0
#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kFixedBytes = 20;

bool IsValidHeader(const Cursor& cursor) {
  const size_t header_bytes = (cursor.U8(12) >> 4) * size_t{4};
  if (header_bytes < kFixedBytes || header_bytes > cursor.size()) return false;
  Cursor options = cursor;
  options.Truncate(header_bytes);
  options.Skip(kFixedBytes);
  return IsValidTcpOptions(options);
}

}  // namespace

NextHeader ReadTcp(const PacketRules& rules, Cursor* cursor, PacketLayers* layers) {
  if (cursor->size() < kFixedBytes) return NextHeader::kMalformed;
  if (rules.strict && !IsValidHeader(*cursor)) return NextHeader::kMalformed;

  layers->l4 = {};
  layers->l4.protocol = L4Protocol::kTcp;
  layers->l4.has_tcp_flags = true;
  layers->l4.source_port = cursor->U16(0);
  layers->l4.destination_port = cursor->U16(2);
  layers->l4.tcp_flags = cursor->U16(12) & (kTcpNs | 0xff);
  layers->last = LastLayer::kL4;
  cursor->Skip((cursor->U8(12) >> 4) * size_t{4});
  return NextHeader::kStop;
}

}  // namespace alidade
