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

// Decodes `bytes`, which may be any and may be cut off anywhere, into `packet`, and the outer
// headers into `tunnel` when `flags` name an overlay. Both are in their initial state before the
// call. No allocation; nothing borrows from `bytes` afterwards.
//
// `flags` (enum notify_flag) say where to start (Ethernet or IP) and whether the packet is a
// tunnel's. An inner header of a kind seen before replaces it: of
// IP in IP the inner one is kept.
//
// Errors, with Origin::kCilium only: kPacketDecode when any header that we read is malformed,
// kOverlayDecode likewise for what is inside the tunnel. With Origin::kEbpf decoding stops there
// instead and packet->last tells how far it came. What is left in the layers after an error is
// unspecified.
// Source: event-format section 4.
DecodeError DecodePacket(std::span<const std::byte> bytes, uint8_t flags, Origin origin,
                         PacketLayers* packet, TunnelLayer* tunnel);

}  // namespace alidade

#endif  // ALIDADE_PARSER_PACKET_H_
