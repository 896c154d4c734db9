/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Notes owners at the turns of a TCP socket's life, whichever hook sees them.
 */
#ifndef ALIDADE_BPF_LIB_TCP_SOCKET_H
#define ALIDADE_BPF_LIB_TCP_SOCKET_H

#include "bpf/lib/emit.h"
#include "bpf/lib/listener.h"
#include "bpf/lib/owner.h"

/* The running process connects the socket. Nearly always sock_addr has noted that before. */
static __always_inline void note_connecting(__u64 cookie) {
  struct owned_socket *row = row_of(cookie);
  struct socket_owner owner = {};

  if (row && row->cookie == cookie) return;
  note_owner(cookie, (void *)bpf_get_current_task(), &owner);
}

/* The running process listens with it. */
static __always_inline void note_listening(struct hook_count *count, __u64 cookie,
                                           struct tcp_sock *tcp) {
  struct socket_owner owner = {};

  note_owner(cookie, (void *)bpf_get_current_task(), &owner);
  if (!tcp || !note_listener(tcp, &owner))
    count->failed++; /* what it accepts will have no process */
}

/* A listener has accepted it. */
static __always_inline void note_accepted(struct hook_count *count, __u64 cookie,
                                          struct tcp_sock *tcp) {
  const struct socket_owner *listener = tcp ? find_listener(tcp) : NULL;

  if (!listener) {
    count->ignored++; /* as when the listener is older than the agent, and was not found */
    return;
  }
  struct socket_owner owner = *listener;
  put_owner(cookie, &owner);
}

#endif /* ALIDADE_BPF_LIB_TCP_SOCKET_H */
