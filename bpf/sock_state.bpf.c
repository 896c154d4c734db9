/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_state: who listens, and so who owns the TCP sockets that a listener accepts. Those are made
 * by packets, outside any process; they belong to the process that called listen (which is not the
 * one that accepts when a server forks its workers).
 *
 * Why the tracepoint inet_sock_set_state: it has both moments, with the socket itself. sockops has
 * them too (sock_ops.bpf.c, for kernels that do not let this one load), but is called nine times in
 * a short connection, each time with a context made for it: that took 1 to 2 % of the connection's
 * CPU time.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/lib/tcp_socket.h"

/* include/net/tcp_states.h */
enum {
  STATE_ESTABLISHED = 1,
  STATE_SYN_SENT = 2,
  STATE_SYN_RECV = 3,
  STATE_LISTEN = 10,
};

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(alidade_state, struct sock *sk, int before, int after) {
  (void)ctx;
  bool is_accepted = before == STATE_SYN_RECV && after == STATE_ESTABLISHED;

  if (!is_accepted && after != STATE_SYN_SENT && after != STATE_LISTEN) return 0;
  struct hook_count *count = hook_count_of(HOOK_SOCK_STATE);
  struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
  if (!count || !tcp) return 0; /* NULL: MPTCP, whose subflows come here too, and others */
  count->seen++;

  __u64 cookie = bpf_get_socket_cookie(sk);
  if (is_accepted)
    note_accepted(count, cookie, tcp);
  else if (after == STATE_LISTEN)
    note_listening(count, cookie, tcp);
  else
    note_connecting(cookie);
  return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
