/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What the kernel's conntrack translates: the other addresses of a packet. Needs the kfuncs that
 * came with 5.18 (bpf_skb_ct_lookup, net/netfilter/nf_conntrack_bpf.c); user space sets
 * config.has_conntrack when they are there.
 *
 * A connection has two tuples there, as its packets look when they come in: of the original
 * direction before its translation, of the reply before its own. A packet behind its translation
 * therefore looks like the inverse of the other direction's tuple. The first packet of a connection
 * has no entry yet when it comes in.
 */
#ifndef ALIDADE_BPF_LIB_CONNTRACK_H
#define ALIDADE_BPF_LIB_CONNTRACK_H

#include "bpf/lib/knobs.h"
#include "bpf/lib/packet.h"
#include "bpf/lib/kernel_layout.h"

struct nf_conn *bpf_skb_ct_lookup(struct __sk_buff *skb, struct bpf_sock_tuple *tuple,
                                  __u32 tuple_size, struct bpf_ct_opts *opts,
                                  __u32 opts_size) __ksym __weak;
void bpf_ct_release(struct nf_conn *connection) __ksym __weak;

enum { BPF_CURRENT_NETNS = -1 };

/* sk_buff._nfct without what its lower bits tell of the packet. */
#define NFCT_POINTER (~7UL)

/* Whether conntrack may have looked at a packet that goes out, as it has when anybody here wants it
 * to and no rule excepts the packet. (One that comes in it has yet to see.) */
static __always_inline bool conntrack_may_have_seen(struct __sk_buff *skb) {
  unsigned long connection = 0;

  if (!layout.skb_nfct) return true;
  READ_FIELD(skb, layout.skb_nfct, connection);
  return connection & NFCT_POINTER;
}

static __always_inline struct nf_conn *find_translation(struct __sk_buff *skb,
                                                        const struct packet *packet, bool inverse,
                                                        __u8 *direction) {
  struct bpf_ct_opts opts = {.netns_id = BPF_CURRENT_NETNS, .l4proto = packet->protocol};
  struct bpf_sock_tuple tuple = {};
  struct nf_conn *connection;

  if (packet->ipv6) {
    __builtin_memcpy(inverse ? tuple.ipv6.daddr : tuple.ipv6.saddr, packet->source, 16);
    __builtin_memcpy(inverse ? tuple.ipv6.saddr : tuple.ipv6.daddr, packet->destination, 16);
    tuple.ipv6.sport = inverse ? packet->destination_port : packet->source_port;
    tuple.ipv6.dport = inverse ? packet->source_port : packet->destination_port;
    connection = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple.ipv6), &opts, sizeof(opts));
  } else {
    __builtin_memcpy(inverse ? &tuple.ipv4.daddr : &tuple.ipv4.saddr, packet->source, 4);
    __builtin_memcpy(inverse ? &tuple.ipv4.saddr : &tuple.ipv4.daddr, packet->destination, 4);
    tuple.ipv4.sport = inverse ? packet->destination_port : packet->source_port;
    tuple.ipv4.dport = inverse ? packet->source_port : packet->destination_port;
    connection = bpf_skb_ct_lookup(skb, &tuple, sizeof(tuple.ipv4), &opts, sizeof(opts));
  }
  *direction = opts.dir;
  return connection;
}

/* Writes the ends of `tuple`, or of its inverse. */
static __always_inline void copy_ends(const struct nf_conntrack_tuple *tuple, bool inverse,
                                      struct nat_ext *nat) {
  __builtin_memcpy(inverse ? nat->destination : nat->source, tuple->src.u3.all, 16);
  __builtin_memcpy(inverse ? nat->source : nat->destination, tuple->dst.u3.all, 16);
  *(inverse ? &nat->destination_port : &nat->source_port) = tuple->src.u.all;
  *(inverse ? &nat->source_port : &nat->destination_port) = tuple->dst.u.all;
}

static __always_inline bool differs(const struct packet *packet, const struct nat_ext *nat) {
  __u64 wire[4], other[4];

  __builtin_memcpy(wire, packet->source, 32); /* destination stands behind it */
  __builtin_memcpy(other, nat->source, 32);
  return wire[0] != other[0] || wire[1] != other[1] || wire[2] != other[2] || wire[3] != other[3] ||
         packet->source_port != nat->source_port ||
         packet->destination_port != nat->destination_port;
}

/* Fills the zeroed `nat` and returns true when conntrack translates the connection of `packet`. */
static __always_inline bool read_translation(struct __sk_buff *skb, const struct packet *packet,
                                             struct nat_ext *nat) {
  __u8 direction = 0;

  if (packet->protocol != PROTO_TCP && packet->protocol != PROTO_UDP) return false;
  struct nf_conn *connection = find_translation(skb, packet, false, &direction);
  if (connection) {
    if (direction)
      copy_ends(&connection->tuplehash[0].tuple, true, nat);
    else
      copy_ends(&connection->tuplehash[1].tuple, true, nat);
    bpf_ct_release(connection);
    nat->side = NAT_SIDE_BEFORE;
    return differs(packet, nat);
  }
  connection = find_translation(skb, packet, true, &direction);
  if (!connection) return false;
  if (direction)
    copy_ends(&connection->tuplehash[0].tuple, false, nat);
  else
    copy_ends(&connection->tuplehash[1].tuple, false, nat);
  bpf_ct_release(connection);
  nat->side = NAT_SIDE_AFTER;
  return true;
}

#endif /* ALIDADE_BPF_LIB_CONNTRACK_H */
