/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_owner: which process a socket belongs to, for every event that carries its cookie.
 *
 * Why cgroup sock_create: it runs in the process that makes the socket, once, for every IPv4 and
 * IPv6 socket of whatever protocol. A TCP socket has nothing to say before connect or listen, which
 * sockops sees too, and sock_addr before it: noting it there saves every connection a noting.
 * Why sockops: sockets that a listener accepts are made by packets, outside any process; they
 * belong to the process that called listen (which is not the one that accepts when a server forks
 * its workers). Calls of a socket by another process than its maker are noted by sock_addr. Sockets
 * that are older than the agent are found by sock_scan.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/emit.h"
#include "bpf/lib/listener.h"
#include "bpf/lib/owner.h"

enum { ALLOW = 1, PROTO_TCP = 6 };

SEC("cgroup/sock_create")
int alidade_create(struct bpf_sock *ctx) {
  struct hook_count *count = hook_count_of(HOOK_SOCK_OWNER);
  if (!count) return ALLOW;
  count->seen++;
  if (ctx->protocol == PROTO_TCP) return ALLOW; /* one more that never speaks, or below */
  struct socket_owner owner = {};
  note_current_owner(bpf_get_socket_cookie(ctx), &owner);
  return ALLOW;
}

SEC("sockops")
int alidade_sockops(struct bpf_sock_ops *ctx) {
  __u32 op = ctx->op;
  if (op != BPF_SOCK_OPS_TCP_CONNECT_CB && op != BPF_SOCK_OPS_TCP_LISTEN_CB &&
      op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
    return ALLOW;
  struct hook_count *count = hook_count_of(HOOK_SOCK_OWNER);
  struct bpf_sock *sk = ctx->sk;
  if (!count || !sk) return ALLOW;
  count->seen++;

  __u64 cookie = bpf_get_socket_cookie(ctx);
  if (op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) {
    struct owned_socket *row = row_of(cookie);
    if (op == BPF_SOCK_OPS_TCP_CONNECT_CB && row && row->cookie == cookie) return ALLOW;
    struct socket_owner owner = {};
    note_owner(cookie, (void *)bpf_get_current_task(), &owner);
    if (op == BPF_SOCK_OPS_TCP_CONNECT_CB) return ALLOW;
    struct tcp_sock *listening = bpf_skc_to_tcp_sock(sk);
    if (!listening || !note_listener(listening, &owner))
      count->failed++; /* what it accepts will have no process */
    return ALLOW;
  }
  struct tcp_sock *accepted = bpf_skc_to_tcp_sock(sk);
  const struct socket_owner *listener = accepted ? find_listener(accepted) : NULL;
  if (!listener) {
    count->ignored++; /* as when the listener is older than the agent, and was not found */
    return ALLOW;
  }
  struct socket_owner owner = *listener;
  put_owner(cookie, &owner);
  return ALLOW;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
