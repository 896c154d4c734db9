/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_ops: sock_state for kernels that do not let that load (before 5.12 no tracing program may
 * ask for a socket's cookie): the same moments, seen by a cgroup's sockops program.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/tcp_socket.h"

enum { ALLOW = 1 };

SEC("sockops")
int alidade_sockops(struct bpf_sock_ops *ctx) {
  __u32 op = ctx->op;
  if (op != BPF_SOCK_OPS_TCP_CONNECT_CB && op != BPF_SOCK_OPS_TCP_LISTEN_CB &&
      op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
    return ALLOW;
  struct hook_count *count = hook_count_of(HOOK_SOCK_STATE);
  struct bpf_sock *sk = ctx->sk;
  if (!count || !sk) return ALLOW;
  count->seen++;

  __u64 cookie = bpf_get_socket_cookie(ctx);
  if (op == BPF_SOCK_OPS_TCP_CONNECT_CB) {
    note_connecting(cookie);
    return ALLOW;
  }
  struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
  if (op == BPF_SOCK_OPS_TCP_LISTEN_CB)
    note_listening(count, cookie, tcp);
  else
    note_accepted(count, cookie, tcp);
  return ALLOW;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
