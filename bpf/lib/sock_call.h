/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * A socket call and the address in it, normalised: what an IPv6 socket says to ::ffff:a.b.c.d
 * travels as IPv4 and is shown as that.
 */
#ifndef ALIDADE_BPF_LIB_SOCK_CALL_H
#define ALIDADE_BPF_LIB_SOCK_CALL_H

#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/socket_family.h"

/* Which calls the programs below stand in. */
enum sock_call {
  CALL_CONNECT,
  CALL_SENDMSG,
  CALL_RECVMSG,
  CALL_GETPEERNAME,
  CALL_KINDS,
};

/* recvmsg and getpeername tell the process an address; connect and sendmsg are told one. */
static __always_inline bool is_reverse(enum sock_call call) {
  return call == CALL_RECVMSG || call == CALL_GETPEERNAME;
}

struct sock_peer {
  __u32 ip[4]; /* network order; IPv4 in the first word */
  __u16 port;  /* host order */
  __u8 ipv6;   /* 1: ip is an IPv6 address */
  __u8 pad;
};

static __always_inline struct sock_peer peer_of(struct bpf_sock_addr *ctx, bool ipv6) {
  struct sock_peer peer = {.port = bpf_ntohs((__be16)ctx->user_port)};

  if (!ipv6) {
    peer.ip[0] = ctx->user_ip4;
  } else if (!ctx->user_ip6[0] && !ctx->user_ip6[1] && ctx->user_ip6[2] == MAPPED_PREFIX) {
    peer.ip[0] = ctx->user_ip6[3];
  } else {
    peer.ip[0] = ctx->user_ip6[0];
    peer.ip[1] = ctx->user_ip6[1];
    peer.ip[2] = ctx->user_ip6[2];
    peer.ip[3] = ctx->user_ip6[3];
    peer.ipv6 = 1;
  }
  return peer;
}

static __always_inline bool is_same_peer(const struct sock_peer *a, const struct sock_peer *b) {
  return a->ip[0] == b->ip[0] && a->ip[1] == b->ip[1] && a->ip[2] == b->ip[2] &&
         a->ip[3] == b->ip[3] && a->port == b->port && a->ipv6 == b->ipv6;
}

#endif /* ALIDADE_BPF_LIB_SOCK_CALL_H */
