/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * ICMP errors speak about another connection and have none of their own (RFC 792, RFC 4443): they
 * carry the header and the first bytes of the packet that they are about.
 */
#ifndef ALIDADE_BPF_LIB_ICMP_ERROR_H
#define ALIDADE_BPF_LIB_ICMP_ERROR_H

#include "bpf/lib/connection.h"
#include "bpf/lib/packet.h"

static __always_inline bool is_icmp_error(const struct packet *packet) {
  if (packet->protocol == PROTO_ICMPV6) return packet->icmp_type < 128;
  return packet->protocol == PROTO_ICMP && (packet->icmp_type == 3 || packet->icmp_type == 4 ||
                                            packet->icmp_type == 11 || packet->icmp_type == 12);
}

/* Reads the tuple of the packet inside the error `outer` into the zeroed `inner`; false when it
 * does not hold one. Eight bytes of the inner transport header are all that RFC 792 promises. */
static __always_inline bool read_inner_tuple(struct __sk_buff *skb, const struct packet *outer,
                                             struct packet *inner) {
  __u32 offset = outer->l4_offset + ICMP_HEADER;
  __u8 head[40];
  __be16 ports[2];

  if (outer->ipv6) {
    if (bpf_skb_load_bytes(skb, offset, head, 40)) return false;
    if (head[0] >> 4 != 6) return false;
    inner->ipv6 = true;
    inner->protocol = head[6];
    __builtin_memcpy(inner->source, head + 8, 16);
    __builtin_memcpy(inner->destination, head + 24, 16);
    offset += 40;
    if (is_extension_header(inner->protocol))
      offset = packet_skip_extensions(skb, offset, NO_END, inner);
    if (offset == NO_END) return true; /* a later fragment has no ports */
  } else {
    if (bpf_skb_load_bytes(skb, offset, head, 20)) return false;
    if (head[0] >> 4 != 4 || is_later_fragment(head)) return false;
    inner->protocol = head[9];
    __builtin_memcpy(inner->source, head + 12, 4);
    __builtin_memcpy(inner->destination, head + 16, 4);
    offset += (head[0] & 0x0f) * 4;
  }
  switch (inner->protocol) {
    case PROTO_TCP:
    case PROTO_UDP:
    case PROTO_SCTP:
      break;
    case PROTO_ICMP:
    case PROTO_ICMPV6:
      offset += 4; /* the identifier of an echo, in both places */
      if (bpf_skb_load_bytes(skb, offset, ports, 2)) return false;
      inner->source_port = inner->destination_port = ports[0];
      return true;
    default:
      return true;
  }
  if (bpf_skb_load_bytes(skb, offset, ports, 4)) return false;
  inner->source_port = ports[0];
  inner->destination_port = ports[1];
  return true;
}

/* The trace reason of the ICMP error `outer`: related when the connection inside is known on this
 * interface, else new, which is what Cilium calls an error about nothing it knows. */
RARE __u8 reason_of_error(struct __sk_buff *skb, const struct packet *outer, __u32 ifindex) {
  if (!outer) return TRACE_REASON_NEW;
  struct packet inner = {.vlan = outer->vlan};

  if (!read_inner_tuple(skb, outer, &inner)) return TRACE_REASON_NEW;
  struct connection_key key = connection_key_of(&inner, ifindex);
  struct connection_place place = connection_place_of(&key);
  return connection_find(&key, &place).set ? TRACE_REASON_RELATED : TRACE_REASON_NEW;
}

#endif /* ALIDADE_BPF_LIB_ICMP_ERROR_H */
