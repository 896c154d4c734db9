// SPDX-License-Identifier: Apache-2.0
//
// L2 to L4 headers of a captured packet, and those of a packet inside a tunnel.
#ifndef ALIDADE_PARSER_PACKET_H_
#define ALIDADE_PARSER_PACKET_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "parser/flow_record.h"
#include "parser/parser.h"
#include "parser/raw_event.h"

namespace alidade {

// Decodes `bytes`, which may be any and may be cut off anywhere, into `packet`; of a packet in a
// tunnel the inner headers, with the outer ones in `tunnel`. Both are in their initial state before
// the call. No allocation; nothing borrows from `bytes` afterwards.
//
// `flags` (enum notify_flag) say where to start (Ethernet or IP) and whether the packet is an
// overlay's.
//
// Origin::kCilium: a tunnel is what the flags name as one; of IP in IP the inner header replaces
// the outer. Errors: kPacketDecode when any header that we read is malformed, kOverlayDecode
// likewise for what is inside the tunnel. What is left in the layers after an error is unspecified.
//
// Origin::kEbpf: never an error. A tunnel is also what the packet itself names as one: VXLAN and
// Geneve by the port that the datagram goes to (4789, 8472; 6081), GRE, IP in IP. Of tunnels in
// each other `tunnel` is the outermost, `packet` the innermost packet. At a malformed header
// decoding stops and packet->last tells how far it came; a tunnel in which there is neither IP nor
// ARP stays the packet that it is. Source: event-format section 4.
DecodeError DecodePacket(std::span<const std::byte> bytes, uint8_t flags, Origin origin,
                         PacketLayers* packet, TunnelLayer* tunnel);

}  // namespace alidade

#endif  // ALIDADE_PARSER_PACKET_H_
