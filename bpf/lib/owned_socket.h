/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Which process owns a socket, by its cookie.
 */
#ifndef ALIDADE_BPF_LIB_OWNED_SOCKET_H
#define ALIDADE_BPF_LIB_OWNED_SOCKET_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/clock.h"
#include "bpf/owners.h"

/* An array, since every connection of this node puts a row into it: to do so in an LRU hash took
 * more time than all else that is done about an owner. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, SOCKET_OWNERS);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct owned_socket);
} socket_owners SEC(".maps");

static __always_inline struct owned_socket *row_of(__u64 cookie) {
  __u32 index = cookie % SOCKET_OWNERS;
  return bpf_map_lookup_elem(&socket_owners, &index);
}

static __always_inline void put_owner(__u64 cookie, const struct socket_owner *owner) {
  struct owned_socket *row = row_of(cookie);
  if (!row) return;
  row->cookie = 0;
  barrier();
  row->owner = *owner;
  barrier();
  row->cookie = cookie;
}

/* How long a CPU does not look again: that would touch lines that no cache holds. Then it does, so
 * that the others of an LRU map do not displace the row. */
enum { FOUND_FOR_MS = 1000 };

static __always_inline bool is_fresh(const struct found_owner *found) {
  return ticks_since(found->when, ticks_now()) < ticks_of(FOUND_FOR_MS);
}

static __always_inline void keep_found(struct found_owner *found,
                                       const struct socket_owner *owner) {
  found->owner = *owner;
  found->when = ticks_now();
}

#endif /* ALIDADE_BPF_LIB_OWNED_SOCKET_H */
