/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Who listens: the owner of the sockets that a listener accepts, since those are made by packets,
 * without a process at hand, and do not say whose children they are.
 *
 * A child has its listener's port, and its address where the listener is bound to one: that is
 * looked up. Where it is not so, or several may listen there, the owner is kept in the listening
 * socket, from where the kernel copies it into every child (BPF_F_CLONE). Not always so, because
 * making and freeing the copies costs more than all else that we do about a connection's owner.
 */
#ifndef ALIDADE_BPF_LIB_LISTENER_H
#define ALIDADE_BPF_LIB_LISTENER_H

#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/socket_family.h"
#include "bpf/owners.h"

/* Where a socket listens. */
struct listener_key {
  __u64 net;      /* the network namespace, by its address in the kernel */
  __u64 high;     /* address: IPv6, IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2); */
  __u64 low;      /* unspecified: every address of the family */
  __u16 port;     /* host order */
  __u8 only_ipv6; /* 1: every address of IPv6, and not those of IPv4 */
  __u8 pad[5];
};
ABI_SIZE(listener_key, 32);

struct listener {
  struct socket_owner owner;
  __u64 since; /* nanoseconds of CLOCK_MONOTONIC */
};
ABI_SIZE(listener, 32);

/* Rows of listeners that are gone stay until others need the place; see find_listener. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, struct listener_key);
  __type(value, struct listener);
} listeners SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
  __type(key, int);
  __type(value, struct socket_owner);
} inherited_owners SEC(".maps");

static __always_inline struct sock *sock_of(struct tcp_sock *tcp) {
  return &tcp->inet_conn.icsk_inet.sk;
}

static __always_inline void set_mapped(struct listener_key *key, __be32 address) {
  key->high = 0;
  key->low = (__u64)address << 32 | MAPPED_PREFIX;
}

/* The port and address that `sk` is bound to. */
static __always_inline struct listener_key listener_key_of(struct sock *sk) {
  struct listener_key key = {
      .net = (__u64)sk->__sk_common.skc_net.net,
      .port = sk->__sk_common.skc_num,
  };

  if (sk->__sk_common.skc_family == FAMILY_INET6 &&
      bpf_core_field_exists(sk->__sk_common.skc_v6_rcv_saddr)) {
    key.high = *(__u64 *)&sk->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[0];
    key.low = *(__u64 *)&sk->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr32[2];
    if (!key.high && !key.low)
      key.only_ipv6 = BPF_CORE_READ_BITFIELD(&sk->__sk_common, skc_ipv6only);
  } else {
    set_mapped(&key, sk->__sk_common.skc_rcv_saddr);
  }
  return key;
}

/* Whether programs of the namespace choose listeners, whatever they are bound to (sk_lookup, since
 * 5.9). */
static __always_inline bool has_lookup_programs(struct sock *sk) {
  return sk->__sk_common.skc_net.net->bpf.run_array[NETNS_BPF_SK_LOOKUP];
}

/* A bit of inet_sock.inet_flags (include/net/inet_sock.h); before 6.6 a field of its own. */
enum { INET_FLAGS_TRANSPARENT = 15 };

struct inet_sock___before_6_6 {
  unsigned char transparent : 1;
} __attribute__((preserve_access_index));

static __always_inline bool is_transparent(struct tcp_sock *tcp) {
  struct inet_sock *inet = &tcp->inet_conn.icsk_inet;

  if (bpf_core_field_exists(inet->inet_flags))
    return inet->inet_flags >> INET_FLAGS_TRANSPARENT & 1;
  return BPF_CORE_READ_BITFIELD((struct inet_sock___before_6_6 *)inet, transparent);
}

/* Whether children of `tcp` cannot be told from others' by address and port: several may listen
 * there (SO_REUSEPORT, SO_BINDTODEVICE), or it gets what is meant for others (IP_TRANSPARENT). */
static __always_inline bool is_ambiguous(struct tcp_sock *tcp) {
  struct sock *sk = sock_of(tcp);

  return BPF_CORE_READ_BITFIELD(&sk->__sk_common, skc_reuseport) ||
         sk->__sk_common.skc_bound_dev_if || is_transparent(tcp) || has_lookup_programs(sk);
}

/* Notes who listens with `tcp`. False when there is no memory for that. */
static __always_inline bool note_listener(struct tcp_sock *tcp, struct socket_owner *owner) {
  /* One that was not bound gets its port after this has been asked. */
  if (is_ambiguous(tcp) || !sock_of(tcp)->__sk_common.skc_num) {
    struct socket_owner *kept =
        bpf_sk_storage_get(&inherited_owners, tcp, owner, BPF_SK_STORAGE_GET_F_CREATE);
    if (kept) *kept = *owner;
    return kept;
  }
  struct listener_key key = listener_key_of(sock_of(tcp));
  struct listener listener = {.owner = *owner, .since = bpf_ktime_get_ns()};
  return !bpf_map_update_elem(&listeners, &key, &listener, BPF_ANY);
}

static __always_inline struct listener *newer(struct listener *a, struct listener *b) {
  return !b || (a && a->since > b->since) ? a : b;
}

/* Whose listener has accepted `tcp`; NULL when that is not known. Of several that fit, all but the
 * newest are gone: they would not have let it listen. */
static __always_inline const struct socket_owner *find_listener(struct tcp_sock *tcp) {
  const struct socket_owner *inherited = bpf_sk_storage_get(&inherited_owners, tcp, NULL, 0);
  if (inherited) return inherited;
  struct sock *sk = sock_of(tcp);
  if (has_lookup_programs(sk)) return NULL;

  struct listener_key key = listener_key_of(sk);
  struct listener *found = bpf_map_lookup_elem(&listeners, &key);
  if (!key.high && (__u32)key.low == MAPPED_PREFIX) {
    set_mapped(&key, 0);
  } else {
    key.high = key.low = 0;
    key.only_ipv6 = 1;
  }
  found = newer(found, bpf_map_lookup_elem(&listeners, &key));
  key.high = key.low = 0;
  key.only_ipv6 = 0;
  found = newer(found, bpf_map_lookup_elem(&listeners, &key));
  return found ? &found->owner : NULL;
}

#endif /* ALIDADE_BPF_LIB_LISTENER_H */
