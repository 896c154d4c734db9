/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_owner: which process a socket belongs to, for every event that carries its cookie.
 *
 * Why cgroup sock_create: it runs in the process that makes the socket, once, for every IPv4 and
 * IPv6 socket of whatever protocol. A TCP socket has nothing to say before connect or listen, which
 * sock_addr and sock_state see: noting it there saves every connection a noting. Calls of a socket
 * by another process than its maker are noted by sock_addr. Sockets that are older than the agent
 * are found by sock_scan.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/emit.h"
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

char LICENSE[] SEC("license") = "Dual BSD/GPL";
