// SPDX-License-Identifier: Apache-2.0
#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kHeaderBytes = 40;

enum OptionType : uint8_t { kPad1 = 0, kJumboPayload = 0xc2 };

// What a hop-by-hop header says, as far as the length of the packet depends on it.
struct HopByHop {
  bool valid = false;
  uint8_t next_protocol = 0;
  size_t bytes = 0;        // of the header
  size_t jumbo_bytes = 0;  // RFC 2675; 0: no such option
};

// Reads a hop-by-hop header as Cilium's decoder does: an option may reach beyond the header, but
// not beyond the packet, whose last byte may not even be padding; the first jumbo option counts.
HopByHop ReadHopByHop(const Cursor& cursor) {
  HopByHop header;
  if (cursor.size() < 2) return header;
  header.next_protocol = cursor.U8(0);
  header.bytes = (cursor.U8(1) + size_t{1}) * 8;
  if (cursor.size() < header.bytes) return header;

  for (size_t offset = 2; offset < header.bytes;) {
    if (offset + 2 > cursor.size()) return header;
    if (cursor.U8(offset) == kPad1) {
      ++offset;
      continue;
    }
    const size_t length = cursor.U8(offset + 1);
    if (offset + 2 + length > cursor.size()) return header;
    if (cursor.U8(offset) == kJumboPayload && header.jumbo_bytes == 0) {
      if (length != 4) return header;
      header.jumbo_bytes = cursor.U32(offset + 2);
      if (header.jumbo_bytes <= 0xffff) return header;
    }
    offset += 2 + length;
  }
  header.valid = true;
  return header;
}

// Follows at most a hop-by-hop header. A jumbogram leaves that header in front of its payload, as
// the reference does. `cursor` stands behind the IPv6 header.
NextHeader NextStrictly(uint8_t protocol, size_t payload_bytes, Cursor* cursor) {
  if (protocol != kProtocolHopByHop) {
    if (payload_bytes == 0) return NextHeader::kMalformed;
    cursor->Truncate(payload_bytes);
    return NextByProtocol(protocol);
  }
  const HopByHop header = ReadHopByHop(*cursor);
  if (!header.valid) return NextHeader::kMalformed;
  const bool is_jumbo = header.jumbo_bytes != 0;
  if (is_jumbo != (payload_bytes == 0)) return NextHeader::kMalformed;
  if (is_jumbo) {
    cursor->Truncate(header.jumbo_bytes);
  } else {
    cursor->Skip(header.bytes);
    cursor->Truncate(payload_bytes);
  }
  return NextByProtocol(header.next_protocol);
}

NextHeader NextLeniently(uint8_t protocol, size_t payload_bytes, Cursor* cursor) {
  // Zero is a jumbogram, or a packet that segmentation offload has yet to cut.
  if (payload_bytes != 0) cursor->Truncate(payload_bytes);
  return NextBehindExtensions(protocol, cursor);
}

}  // namespace

NextHeader ReadIpV6(const PacketRules& rules, Cursor* cursor, PacketLayers* layers) {
  if (cursor->size() < kHeaderBytes) return NextHeader::kMalformed;
  if (!rules.strict && cursor->U8(0) >> 4 != 6) return NextHeader::kMalformed;

  const size_t payload_bytes = cursor->U16(4);
  const uint8_t protocol = cursor->U8(6);
  Cursor payload = *cursor;
  payload.Skip(kHeaderBytes);
  const NextHeader next = rules.extension_headers ? NextLeniently(protocol, payload_bytes, &payload)
                                                  : NextStrictly(protocol, payload_bytes, &payload);
  if (next == NextHeader::kMalformed) return next;

  layers->ip.version_ = IpVersion::kV6;
  layers->ip.source = IpAddress::V6(cursor->At(8));
  layers->ip.destination = IpAddress::V6(cursor->At(24));
  layers->last = LastLayer::kIpV6;
  *cursor = payload;
  return next;
}

}  // namespace alidade
