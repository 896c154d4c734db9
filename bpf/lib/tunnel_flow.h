/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What tells connections apart in a tunnel without ports of its own (GRE, IP in IP): on the link
 * below it all of them are packets of the same two hosts, and to aggregate them as one connection
 * would hide all but the first. VXLAN and Geneve need no such help: their source port is chosen by
 * the connection inside (RFC 7348 section 5, RFC 8926 section 3.3).
 */
#ifndef ALIDADE_BPF_LIB_TUNNEL_FLOW_H
#define ALIDADE_BPF_LIB_TUNNEL_FLOW_H

#include "bpf/lib/mix.h"
#include "bpf/lib/packet.h"

enum {
  GRE_CHECKSUM = 0x8000, /* RFC 2784, RFC 2890: each adds a word */
  GRE_KEY = 0x2000,
  GRE_SEQUENCE = 0x1000,
  GRE_ROUTING = 0x4000, /* RFC 1701 only */
  GRE_VERSION = 0x0007,
};

static __always_inline __u64 tunnel_end(const __u64 *address, __be16 port) {
  __u64 mixed = ((address[0] * MIX_WORD ^ address[1]) * MIX_WORD + port) * MIX_END;

  return mixed ^ mixed >> 32;
}

/* Steps over the GRE header at `*offset`. Returns the protocol of the IP packet behind it, 0 when
 * there is none. */
static __always_inline __u8 skip_gre(struct __sk_buff *skb, __u32 *offset) {
  __u8 head[4];

  if (bpf_skb_load_bytes(skb, *offset, head, sizeof(head))) return 0;
  __u32 flags = head[0] << 8 | head[1];
  __u16 type = head[2] << 8 | head[3];
  if (flags & (GRE_ROUTING | GRE_VERSION)) return 0;
  *offset += 4 + 4 * (!!(flags & GRE_CHECKSUM) + !!(flags & GRE_KEY) + !!(flags & GRE_SEQUENCE));
  if (type == ETHERTYPE_BRIDGED) {
    *offset += ETHERNET_HEADER;
    type = ethertype_before(skb, *offset);
  }
  return type == ETHERTYPE_IPV4 ? PROTO_IPV4 : type == ETHERTYPE_IPV6 ? PROTO_IPV6 : 0;
}

/* Gives a packet in such a tunnel a number for its ports, in both: the same for all packets of the
 * connection inside, whichever way they go, and for few others. */
RARE int packet_read_tunnel_flow(struct __sk_buff *skb, struct packet *packet) {
  __u8 head[40];
  __u32 addresses4[2];
  __u64 addresses[4] = {};
  __be16 ports[2] = {};

  if (!packet) return 0;
  __u32 offset = packet->l4_offset;
  __u8 protocol = packet->protocol;
  bool has_ports = true;
  if (protocol == PROTO_GRE) protocol = skip_gre(skb, &offset);
  if (protocol == PROTO_IPV4) {
    if (bpf_skb_load_bytes(skb, offset, head, 20)) return 0;
    __builtin_memcpy(addresses4, head + 12, sizeof(addresses4));
    addresses[0] = addresses4[0];
    addresses[2] = addresses4[1];
    has_ports = !is_later_fragment(head);
    protocol = head[9];
    offset += (head[0] & 0x0f) * 4;
  } else if (protocol == PROTO_IPV6) {
    if (bpf_skb_load_bytes(skb, offset, head, sizeof(head))) return 0;
    __builtin_memcpy(addresses, head + 8, sizeof(addresses));
    protocol = head[6];
    offset += sizeof(head);
  } else {
    return 0;
  }
  has_ports &= protocol == PROTO_TCP || protocol == PROTO_UDP || protocol == PROTO_SCTP;
  if (has_ports) bpf_skb_load_bytes(skb, offset, ports, sizeof(ports));
  __u64 ends = tunnel_end(&addresses[0], ports[0]) + tunnel_end(&addresses[2], ports[1]);
  packet->source_port = packet->destination_port = (ends + protocol) * MIX_ALL >> 48;
  return 0;
}

#endif /* ALIDADE_BPF_LIB_TUNNEL_FLOW_H */
