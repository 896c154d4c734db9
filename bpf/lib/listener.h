/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Who listens: noted when a process binds a socket, for those that it accepts (accepting.h).
 */
#ifndef ALIDADE_BPF_LIB_LISTENER_H
#define ALIDADE_BPF_LIB_LISTENER_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/cpu_rows.h"
#include "bpf/lib/owned_socket.h"

/* By cookie: the sockets that a process bound last, and those whose listening was seen last. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, __u64);
  __type(value, struct socket_owner);
} listeners SEC(".maps");

/* Notes that `owner` listens, or may listen, with that socket. False when there is no memory. */
static __always_inline bool note_listener(__u64 cookie, const struct socket_owner *owner) {
  return !bpf_map_update_elem(&listeners, &cookie, owner, BPF_ANY);
}

CPU_ROWS(asked_listeners, struct asked_listener);

static __always_inline struct asked_listener *asked_listener(void) {
  __u32 cpu = bpf_get_smp_processor_id();
  return bpf_map_lookup_elem(&asked_listeners, &cpu);
}

/* NULL when that is not known; `last` is this CPU's row. */
static __always_inline const struct socket_owner *find_listener(struct asked_listener *last,
                                                                __u64 cookie) {
  if (last->cookie == cookie && is_fresh(&last->found)) return &last->found.owner;
  const struct socket_owner *owner = bpf_map_lookup_elem(&listeners, &cookie);
  if (!owner) {
    /* It was never bound: who made it, as long as that is remembered. */
    const struct owned_socket *row = row_of(cookie);
    if (!row || row->cookie != cookie) return NULL;
    owner = &row->owner;
  }
  keep_found(&last->found, owner);
  last->cookie = cookie;
  return &last->found.owner;
}

#endif /* ALIDADE_BPF_LIB_LISTENER_H */
