/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The packet cursor's short way: TCP or UDP right behind an IP header without options, behind an
 * Ethernet header, all of it in the linear part. That is nearly every packet, and reading it in
 * place saves three calls of helpers. What is not so simple is left to bpf/lib/packet.h.
 */
#ifndef ALIDADE_BPF_LIB_PACKET_DIRECT_H
#define ALIDADE_BPF_LIB_PACKET_DIRECT_H

#include "bpf/lib/packet.h"

struct plain_ipv4 { /* RFC 791 */
  __u8 version_and_length;
  __u8 tos;
  __be16 total_length;
  __be16 id;
  __be16 fragment;
  __u8 ttl;
  __u8 protocol;
  __be16 checksum;
  __be32 source;
  __be32 destination;
};

struct plain_ipv6 { /* RFC 8200 */
  __u8 version_and_class;
  __u8 flow[3];
  __be16 payload_length;
  __u8 next_header;
  __u8 hop_limit;
  __be32 source[4];
  __be32 destination[4];
};

struct plain_ports { /* of UDP (RFC 768) and TCP (RFC 9293); the rest is TCP's */
  __be16 source;
  __be16 destination;
  __be32 sequence;
  __be32 ack;
  __u8 header_words; /* upper half */
  __u8 tcp_flags;
};

enum {
  PLAIN_IPV4 = 0x45,      /* version 4, five words */
  FRAGMENT_BITS = 0x3fff, /* more fragments, or not the first */
};

/* Where the headers stand. */
struct plain_packet {
  void *ip; /* struct plain_ipv6 or plain_ipv4 */
  struct plain_ports *l4;
  __u32 l4_bytes; /* behind the IP header, as that tells */
  __u8 protocol;
  __u8 tcp_flags; /* 0: of UDP */
  bool ipv6;
  __u16 vlan; /* as in struct packet */
};

static __always_inline bool plain_find_l4(void *l4, void *end, __u32 bytes,
                                          struct plain_packet *plain) {
  plain->l4 = l4;
  plain->l4_bytes = bytes;
  if (likely(plain->protocol == PROTO_TCP)) {
    if (l4 + TCP_HEADER > end || bytes < TCP_HEADER) return false;
    plain->tcp_flags = plain->l4->tcp_flags;
    return true;
  }
  return plain->protocol == PROTO_UDP && l4 + UDP_HEADER <= end && bytes >= UDP_HEADER;
}

/* Fills the zeroed `plain`; false when the packet is not as simple as that. */
static __always_inline bool plain_find(struct __sk_buff *skb, bool l3_device,
                                       struct plain_packet *plain) {
  void *end = (void *)(long)skb->data_end;
  void *network = (void *)(long)skb->data;
  __be16 ethertype;

  if (l3_device) return false;
  if (network + ETHERNET_HEADER + sizeof(struct plain_ipv4) > end) return false;
  ethertype = *(__be16 *)(network + 12);
  network += ETHERNET_HEADER;
  if (unlikely(skb->vlan_present)) plain->vlan = skb->vlan_tci & VLAN_ID;
  if (likely(ethertype == bpf_htons(ETHERTYPE_IPV4))) {
    struct plain_ipv4 *ip = network;
    __u32 bytes = bpf_ntohs(ip->total_length);
    if (ip->version_and_length != PLAIN_IPV4 || bytes < sizeof(*ip)) return false;
    if (ip->fragment & bpf_htons(FRAGMENT_BITS)) return false;
    plain->ip = ip;
    plain->protocol = ip->protocol;
    return plain_find_l4(ip + 1, end, bytes - sizeof(*ip), plain);
  }
  if (ethertype == bpf_htons(ETHERTYPE_IPV6)) {
    struct plain_ipv6 *ip = network;
    if ((void *)(ip + 1) > end) return false;
    if (ip->version_and_class >> 4 != 6) return false;
    plain->ip = ip;
    plain->ipv6 = true;
    plain->protocol = ip->next_header;
    return plain_find_l4(ip + 1, end, bpf_ntohs(ip->payload_length), plain);
  }
  return false;
}

/* Fills the zeroed `packet` as packet_read does. */
static __always_inline void plain_read(const struct plain_packet *plain, struct packet *packet) {
  packet->protocol = plain->protocol;
  packet->vlan = plain->vlan;
  packet->source_port = plain->l4->source;
  packet->destination_port = plain->l4->destination;
  if (plain->ipv6) {
    const struct plain_ipv6 *ip = plain->ip;
    packet->ipv6 = true;
    __builtin_memcpy(packet->source, ip->source, 16);
    __builtin_memcpy(packet->destination, ip->destination, 16);
  } else {
    const struct plain_ipv4 *ip = plain->ip;
    __builtin_memcpy(packet->source, &ip->source, 4);
    __builtin_memcpy(packet->destination, &ip->destination, 4);
  }
  if (plain->protocol != PROTO_TCP) return;
  packet->tcp_flags = plain->tcp_flags;
  packet_set_tcp(packet, bpf_ntohl(plain->l4->sequence), bpf_ntohl(plain->l4->ack),
                 plain->l4_bytes - (plain->l4->header_words >> 4) * 4);
}

#endif /* ALIDADE_BPF_LIB_PACKET_DIRECT_H */
