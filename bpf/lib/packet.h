/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The kernel-side packet cursor: as much of a packet as connection tracking needs. Loads go through
 * bpf_skb_load_bytes, so that non-linear packets read like others. User space decodes the rest
 * (parser/packet.h); both agree on addresses, protocol and ports (tests/kernel/cursor_test.cc).
 *
 * Of a packet in a tunnel (VXLAN, Geneve, GRE, IP in IP) the cursor reads the outer headers: they
 * are what this interface carries and counts. The tunnel's own device shows the inner packets, each
 * with its own connection.
 */
#ifndef ALIDADE_BPF_LIB_PACKET_H
#define ALIDADE_BPF_LIB_PACKET_H

#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/protocols.h"
#include "bpf/lib/rare.h"

enum {
  VLAN_ID = 0x0fff,
  /* Both as in parser/packet_rules.h. */
  MAX_VLAN_TAGS = 4,
  MAX_EXTENSION_HEADERS = 6,

  PORT_VXLAN = 4789,
  PORT_GENEVE = 6081,
  PORT_LINUX_VXLAN = 8472, /* Linux's default, older than the assignment */
};

#define NO_END 0xffffffff /* see packet_end */

/* What the cursor found. Addresses and ports in network order; IPv4 in the first four bytes. */
struct packet {
  __u8 source[16] __attribute__((aligned(8))); /* so that it is moved by words */
  __u8 destination[16];
  __be16 source_port; /* ICMP echo: the identifier, in both; tunnels: tunnel_flow.h; else zero */
  __be16 destination_port;
  __u8 protocol;
  __u8 tcp_flags; /* byte 13 of the TCP header */
  __u8 icmp_type;
  bool ipv6;
  __u16 vlan; /* id of the outermost tag, also of one that the device took off; 0: none */
  __u16 pad;
  __u32 l4_offset; /* of the ICMP header, or of what has neither ports nor that; 0: not there */
  __u32 tcp_ack;   /* acknowledgement number, host order */
  __u32 tcp_end;   /* sequence number behind a FIN, host order; set with FIN only */
};

/* Sets what TCP's FIN and its acknowledgement are known by; `sequence` and `ack` in host order. */
static __always_inline void packet_set_tcp(struct packet *packet, __u32 sequence, __u32 ack,
                                           __u32 payload_bytes) {
  packet->tcp_ack = ack;
  if (packet->tcp_flags & TCP_FIN) packet->tcp_end = sequence + payload_bytes + 1;
}

/* Copies the `size` bytes at `offset`, if the packet has them and the IP packet in it, which ends
 * at `end`, too. */
static __always_inline bool packet_load(struct __sk_buff *skb, __u32 offset, __u32 end, void *to,
                                        __u32 size) {
  return offset + size <= end && bpf_skb_load_bytes(skb, offset, to, size) == 0;
}

/* An echo's identifier stands for its ports. */
static __always_inline void packet_read_icmp(struct __sk_buff *skb, __u32 offset, __u32 end,
                                             bool v6, struct packet *packet) {
  __u8 head[8];

  if (!packet_load(skb, offset, end, head, v6 ? 4 : 8)) return;
  packet->icmp_type = head[0];
  packet->l4_offset = offset;
  bool echo = v6 ? head[0] == 128 || head[0] == 129 : head[0] == 8 || head[0] == 0;
  if (!echo || !packet_load(skb, offset, end, head, 8)) return;
  __builtin_memcpy(&packet->source_port, head + 4, 2);
  packet->destination_port = packet->source_port;
}

/* Reads the ports, flags or ICMP identifier at `offset`. Of a header that is not there whole, in
 * front of `end`, they stay zero. */
static __always_inline void packet_read_l4(struct __sk_buff *skb, __u32 offset, __u32 end,
                                           struct packet *packet) {
  __u8 head[20];
  __be32 numbers[2];

  switch (packet->protocol) {
    case PROTO_TCP:
      if (!packet_load(skb, offset, end, head, 20)) return;
      packet->tcp_flags = head[13];
      __builtin_memcpy(numbers, head + 4, sizeof(numbers));
      packet_set_tcp(packet, bpf_ntohl(numbers[0]), bpf_ntohl(numbers[1]),
                     end == NO_END ? 0 : end - offset - (head[12] >> 4) * 4);
      break;
    case PROTO_UDP:
      if (!packet_load(skb, offset, end, head, 8)) return;
      break;
    case PROTO_SCTP:
      if (!packet_load(skb, offset, end, head, 12)) return;
      break;
    case PROTO_ICMP:
      packet_read_icmp(skb, offset, end, false, packet);
      return;
    case PROTO_ICMPV6:
      packet_read_icmp(skb, offset, end, true, packet);
      return;
    default:
      packet->l4_offset = offset;
      return;
  }
  __builtin_memcpy(&packet->source_port, head, 2);
  __builtin_memcpy(&packet->destination_port, head + 2, 2);
}

static __always_inline bool is_extension_header(__u8 protocol) {
  return protocol == PROTO_HOP_BY_HOP || protocol == PROTO_ROUTING || protocol == PROTO_FRAGMENT ||
         protocol == PROTO_AH || protocol == PROTO_DESTINATION;
}

/* RFC 8200 section 4: a chain, each header naming the next. Returns where the header behind it
 * starts and leaves its number in packet->protocol; `end` when none follows that we read. */
RARE __u32 packet_skip_extensions(struct __sk_buff *skb, __u32 offset, __u32 end,
                                  struct packet *packet) {
  if (!packet) return end;
  for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
    __u8 header[8];
    __u8 protocol = packet->protocol;

    if (!is_extension_header(protocol)) return offset;
    if (!packet_load(skb, offset, end, header, sizeof(header))) return end;
    packet->protocol = header[0];
    if (protocol == PROTO_FRAGMENT) {
      if (header[2] || (header[3] & 0xf8)) return end; /* a later fragment has no ports */
      offset += 8;
    } else if (protocol == PROTO_AH) {
      offset += (header[1] + 2) * 4;
    } else {
      offset += (header[1] + 1) * 8;
    }
  }
  return is_extension_header(packet->protocol) ? end : offset;
}

/* Where an IP packet ends by its own header; behind that is padding. No length: segmentation
 * offload has yet to cut it, or it is a jumbogram. */
static __always_inline __u32 packet_end(__u32 start, __u32 bytes) {
  return bytes ? start + bytes : NO_END;
}

/* Of an IPv4 header: whether the fragment offset is not zero (RFC 791 section 3.1), so that no
 * ports follow. */
static __always_inline bool is_later_fragment(const __u8 *head) {
  return (head[6] & 0x1f) || head[7];
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
  if (is_later_fragment(head)) return true;
  __u32 end = packet_end(offset, head[2] << 8 | head[3]);
  offset += header_bytes;
  if (packet->protocol == PROTO_AH) offset = packet_skip_extensions(skb, offset, end, packet);
  packet_read_l4(skb, offset, end, packet);
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
  __u32 payload_bytes = head[4] << 8 | head[5];
  __u32 end = packet_end(offset, payload_bytes);
  if (is_extension_header(packet->protocol))
    offset = packet_skip_extensions(skb, offset, end, packet);
  packet_read_l4(skb, offset, end, packet);
  return true;
}

static __always_inline bool is_vlan_tag(__u16 ethertype) {
  return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
         ethertype == ETHERTYPE_OLD_QINQ;
}

/* Returns where the header behind the tags starts; the two bytes before it say what it is. 0 when
 * the packet ends earlier. */
RARE __u32 packet_skip_tags(struct __sk_buff *skb, struct packet *packet) {
  __u32 offset = ETHERNET_HEADER;

  if (!packet) return 0;

  for (int i = 0; i < MAX_VLAN_TAGS; i++) {
    __u8 tag[VLAN_TAG]; /* the id, then the type of what follows */

    if (bpf_skb_load_bytes(skb, offset, tag, sizeof(tag))) return 0;
    if (!packet->vlan) packet->vlan = (tag[0] << 8 | tag[1]) & VLAN_ID;
    offset += VLAN_TAG;
    if (!is_vlan_tag(tag[2] << 8 | tag[3])) break;
  }
  return offset;
}

static __always_inline __u16 ethertype_before(struct __sk_buff *skb, __u32 offset) {
  __be16 type = 0;

  bpf_skb_load_bytes(skb, offset - sizeof(type), &type, sizeof(type));
  return bpf_ntohs(type);
}

/* Whether headers of a packet inside may follow, and no ports. */
static __always_inline bool is_portless_tunnel(const struct packet *packet) {
  return packet->protocol == PROTO_IPV4 || packet->protocol == PROTO_IPV6 ||
         packet->protocol == PROTO_GRE;
}

/* Whether headers of a packet inside may follow, by protocol or well-known port. */
static __always_inline bool packet_has_tunnel(const struct packet *packet) {
  if (packet->protocol != PROTO_UDP) return is_portless_tunnel(packet);
  return packet->destination_port == bpf_htons(PORT_VXLAN) ||
         packet->destination_port == bpf_htons(PORT_LINUX_VXLAN) ||
         packet->destination_port == bpf_htons(PORT_GENEVE);
}

/* Reads the headers of `skb` into the zeroed `packet`; false when it is not an IP packet. What it
 * is the bytes tell, not skb->protocol: that is what a sender by a packet socket says. On a layer-3
 * device it begins behind `outer_bytes`. */
RARE bool packet_read(struct __sk_buff *skb, bool l3_device, __u32 outer_bytes,
                      struct packet *packet) {
  if (!packet) return false;
  if (skb->vlan_present) packet->vlan = skb->vlan_tci & VLAN_ID;
  __u32 offset = 0;
  __u16 ethertype;

  if (l3_device) {
    offset = outer_bytes;
    __u8 first = 0;
    bpf_skb_load_bytes(skb, offset, &first, sizeof(first));
    ethertype = first >> 4 == 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
  } else {
    offset = ETHERNET_HEADER;
    ethertype = ethertype_before(skb, offset);
    if (is_vlan_tag(ethertype)) {
      offset = packet_skip_tags(skb, packet);
      if (!offset) return false;
      ethertype = ethertype_before(skb, offset);
    }
  }
  if (ethertype == ETHERTYPE_IPV4) return packet_read_ipv4(skb, offset, packet);
  if (ethertype == ETHERTYPE_IPV6) return packet_read_ipv6(skb, offset, packet);
  return false;
}

#endif /* ALIDADE_BPF_LIB_PACKET_H */
