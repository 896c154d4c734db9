/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * sock_scan: the owners of sockets that are older than the agent.
 *
 * Why an iterator over the files of tasks (5.8; sockets behind files since 5.11): it finds socket
 * and process together, without reading /proc. Run once, when the other hooks are in place. It goes
 * through the processes of the agent's own pid namespace. Of a socket that several processes hold
 * it names the one with the highest pid, which is the worker where a server forks some.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/lib/emit.h"
#include "bpf/lib/listener.h"
#include "bpf/lib/owner.h"
#include "bpf/lib/socket_family.h"

enum { STATE_LISTEN = 10 };

SEC("iter/task_file")
int alidade_scan(struct bpf_iter__task_file *ctx) {
  struct task_struct *task = ctx->task;
  struct file *file = ctx->file;
  if (!task || !file) return 0;
  struct socket *socket = bpf_sock_from_file(file);
  if (!socket) return 0;
  struct sock *sk = socket->sk;
  if (!sk) return 0;
  __u16 family = sk->__sk_common.skc_family;
  if (family != FAMILY_INET && family != FAMILY_INET6) return 0;
  struct hook_count *count = hook_count_of(HOOK_SOCK_SCAN);
  if (!count) return 0;
  count->seen++;

  struct socket_owner owner = {};
  __u64 cookie = bpf_get_socket_cookie(sk);
  note_owner(cookie, task, &owner);
  bool listens = sk->__sk_common.skc_state == STATE_LISTEN;
  if (listens && !note_listener(cookie, &owner)) count->failed++; /* as in sock_owner */
  return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
