/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The kernel-side packet cursor: as much of a packet as connection tracking needs. Loads go through
 * bpf_skb_load_bytes, so that non-linear packets read like others. User space decodes the rest
 * (parser/packet.h); both must agree on addresses, protocol and ports.
 */
#ifndef ALIDADE_BPF_LIB_PACKET_H
#define ALIDADE_BPF_LIB_PACKET_H

#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
  ETHERNET_HEADER = 14,
  VLAN_TAG = 4,
  MAX_VLAN_TAGS = 2,
  MAX_EXTENSION_HEADERS = 6,

  ETHERTYPE_IPV4 = 0x0800,
  ETHERTYPE_VLAN = 0x8100,
  ETHERTYPE_QINQ = 0x88a8,
  ETHERTYPE_IPV6 = 0x86dd,

  PROTO_HOP_BY_HOP = 0,
  PROTO_ICMP = 1,
  PROTO_TCP = 6,
  PROTO_UDP = 17,
  PROTO_ROUTING = 43,
  PROTO_FRAGMENT = 44,
  PROTO_AH = 51,
  PROTO_ICMPV6 = 58,
  PROTO_DESTINATION = 60,
  PROTO_SCTP = 132,

  TCP_FIN = 0x01,
  TCP_SYN = 0x02,
  TCP_RST = 0x04,
  TCP_ACK = 0x10,
};

/* What the cursor found. Addresses and ports in network order; IPv4 in the first four bytes. */
struct packet {
  __u8 source[16];
  __u8 destination[16];
  __be16 source_port; /* ICMP echo: the identifier, in both; other protocols: zero */
  __be16 destination_port;
  __u8 protocol;
  __u8 tcp_flags; /* byte 13 of the TCP header */
  __u8 icmp_type;
  bool ipv6;
};

/* Reads the ports, flags or ICMP identifier at `offset`. What is not there stays zero. */
static __always_inline void packet_read_l4(struct __sk_buff *skb, __u32 offset,
                                           struct packet *packet) {
  __u8 head[14] = {};

  switch (packet->protocol) {
    case PROTO_TCP:
      if (bpf_skb_load_bytes(skb, offset, head, 14)) return;
      packet->tcp_flags = head[13];
      break;
    case PROTO_UDP:
    case PROTO_SCTP:
      if (bpf_skb_load_bytes(skb, offset, head, 4)) return;
      break;
    case PROTO_ICMP:
    case PROTO_ICMPV6: {
      if (bpf_skb_load_bytes(skb, offset, head, 8)) return;
      packet->icmp_type = head[0];
      bool echo = packet->protocol == PROTO_ICMP ? head[0] == 8 || head[0] == 0
                                                 : head[0] == 128 || head[0] == 129;
      if (!echo) return;
      __builtin_memcpy(&packet->source_port, head + 4, 2);
      packet->destination_port = packet->source_port;
      return;
    }
    default:
      return;
  }
  __builtin_memcpy(&packet->source_port, head, 2);
  __builtin_memcpy(&packet->destination_port, head + 2, 2);
}

static __always_inline bool packet_read_ipv4(struct __sk_buff *skb, __u32 offset,
                                             struct packet *packet) {
  __u8 head[20];

  if (bpf_skb_load_bytes(skb, offset, head, sizeof(head))) return false;
  __u32 header_bytes = (head[0] & 0x0f) * 4;
  if (head[0] >> 4 != 4 || header_bytes < sizeof(head)) return false;
  packet->protocol = head[9];
  __builtin_memcpy(packet->source, head + 12, 4);
  __builtin_memcpy(packet->destination, head + 16, 4);
  bool later_fragment = (head[6] & 0x1f) || head[7];
  if (!later_fragment) packet_read_l4(skb, offset + header_bytes, packet);
  return true;
}

static __always_inline bool packet_read_ipv6(struct __sk_buff *skb, __u32 offset,
                                             struct packet *packet) {
  __u8 head[40];

  if (bpf_skb_load_bytes(skb, offset, head, sizeof(head))) return false;
  if (head[0] >> 4 != 6) return false;
  packet->ipv6 = true;
  __builtin_memcpy(packet->source, head + 8, 16);
  __builtin_memcpy(packet->destination, head + 24, 16);
  packet->protocol = head[6];
  offset += sizeof(head);

  /* RFC 8200 section 4: a chain, each header naming the next. */
#pragma unroll
  for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
    __u8 ext[4];
    __u32 ext_bytes;

    switch (packet->protocol) {
      case PROTO_HOP_BY_HOP:
      case PROTO_ROUTING:
      case PROTO_DESTINATION:
      case PROTO_FRAGMENT:
      case PROTO_AH:
        break;
      default:
        packet_read_l4(skb, offset, packet);
        return true;
    }
    if (bpf_skb_load_bytes(skb, offset, ext, sizeof(ext))) return true;
    if (packet->protocol == PROTO_FRAGMENT) {
      ext_bytes = 8;
      if (ext[2] || (ext[3] & 0xf8)) { /* a later fragment has no ports */
        packet->protocol = ext[0];
        return true;
      }
    } else if (packet->protocol == PROTO_AH) {
      ext_bytes = (ext[1] + 2) * 4;
    } else {
      ext_bytes = (ext[1] + 1) * 8;
    }
    packet->protocol = ext[0];
    offset += ext_bytes;
  }
  return true;
}

/* Reads the headers of `skb` into the zeroed `packet`; false when it is not an IP packet. */
static __always_inline bool packet_read(struct __sk_buff *skb, bool l3_device,
                                        struct packet *packet) {
  __u32 offset = l3_device ? 0 : ETHERNET_HEADER;
  __u16 ethertype = bpf_ntohs((__be16)skb->protocol);

  /* Tags that the device did not take off stand in the packet, and skb->protocol names them. */
#pragma unroll
  for (int i = 0; i < MAX_VLAN_TAGS; i++) {
    __be16 next;

    if (ethertype != ETHERTYPE_VLAN && ethertype != ETHERTYPE_QINQ) break;
    if (bpf_skb_load_bytes(skb, offset + 2, &next, sizeof(next))) return false;
    ethertype = bpf_ntohs(next);
    offset += VLAN_TAG;
  }
  if (ethertype == ETHERTYPE_IPV4) return packet_read_ipv4(skb, offset, packet);
  if (ethertype == ETHERTYPE_IPV6) return packet_read_ipv6(skb, offset, packet);
  return false;
}

#endif /* ALIDADE_BPF_LIB_PACKET_H */
