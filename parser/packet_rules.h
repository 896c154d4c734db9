// SPDX-License-Identifier: Apache-2.0
//
// Where the two ways to read a packet part. Everything else about headers is one code path.
#ifndef ALIDADE_PARSER_PACKET_RULES_H_
#define ALIDADE_PARSER_PACKET_RULES_H_

#include "parser/raw_event.h"

namespace alidade {

struct PacketRules {
  // A malformed header, length or option list fails the whole packet, judged as the Go decoder in
  // Cilium judges it. Otherwise decoding ends there and what stands before it is kept, and a header
  // counts as there when its fixed part is.
  bool strict;
  bool arp;                // known by name
  bool vlan_tags;          // skipped, up to kMaxVlanTags
  bool extension_headers;  // of IPv6, beyond hop-by-hop; and AH over IPv4
  bool first_fragments;    // have their transport header read
  bool tunnels;            // opened where the packet itself names one: VXLAN, Geneve, GRE, IP in IP
};

// How far our rules follow chains, as the cursor in the kernel does (bpf/lib/packet.h): a packet
// with more VLAN tags is not known as IP, one with more extension headers has no transport header.
inline constexpr int kMaxVlanTags = 4;
inline constexpr int kMaxExtensionHeaders = 6;

// Cilium's events: exactly what Cilium's own parser makes of them (event-format section 4).
inline constexpr PacketRules kCiliumRules = {.strict = true,
                                             .arp = false,
                                             .vlan_tags = false,
                                             .extension_headers = false,
                                             .first_fragments = false,
                                             .tunnels = false};

// Our events: as far as the bytes allow, and never lost.
inline constexpr PacketRules kEbpfRules = {.strict = false,
                                           .arp = true,
                                           .vlan_tags = true,
                                           .extension_headers = true,
                                           .first_fragments = true,
                                           .tunnels = true};

inline const PacketRules& RulesOf(Origin origin) {
  return origin == Origin::kCilium ? kCiliumRules : kEbpfRules;
}

}  // namespace alidade

#endif  // ALIDADE_PARSER_PACKET_RULES_H_
