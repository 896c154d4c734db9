/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_owner: which process a socket belongs to, for every event that carries its cookie.
 *
 * Why cgroup sock_create: it runs in the process that makes the socket, once, for every IPv4 and
 * IPv6 socket of whatever protocol. Why post_bind4/6: nearly every socket that listens was bound
 * before, so that who accepted what can be told (bpf/lib/accepting.h). Calls of a socket by another
 * process than its maker are noted by sock_addr. Sockets that are older than the agent are found by
 * sock_scan.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/emit.h"
#include "bpf/lib/listener.h"
#include "bpf/lib/owner.h"
#include "bpf/lib/protocols.h"

enum { ALLOW = 1 };

SEC("cgroup/sock_create")
int alidade_create(struct bpf_sock *ctx) {
  struct hook_count *count = hook_count_of(HOOK_SOCK_OWNER);
  if (!count) return ALLOW;
  count->seen++;
  struct socket_owner owner = {};
  note_current_owner(bpf_get_socket_cookie(ctx), &owner);
  return ALLOW;
}

static __always_inline int bound(struct bpf_sock *ctx) {
  struct hook_count *count = hook_count_of(HOOK_SOCK_OWNER);
  if (!count || ctx->protocol != PROTO_TCP) return ALLOW;
  count->seen++;
  struct socket_owner owner = {};
  __u64 cookie = bpf_get_socket_cookie(ctx);
  note_current_owner(cookie, &owner);
  if (!note_listener(cookie, &owner)) count->failed++; /* what it accepts will have no process */
  return ALLOW;
}

SEC("cgroup/post_bind4")
int alidade_bind4(struct bpf_sock *ctx) { return bound(ctx); }

SEC("cgroup/post_bind6")
int alidade_bind6(struct bpf_sock *ctx) { return bound(ctx); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
