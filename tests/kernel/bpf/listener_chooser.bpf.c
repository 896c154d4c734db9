/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Somebody else's choice of listeners, for the tests: who connects to the port reaches the socket
 * in the map, wherever that listens.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

const volatile __u32 port = 0; /* host order */

struct {
  __uint(type, BPF_MAP_TYPE_SOCKMAP);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} chosen SEC(".maps");

SEC("sk_lookup")
int choose(struct bpf_sk_lookup *ctx) {
  __u32 first = 0;
  if (ctx->local_port != port) return SK_PASS;
  struct bpf_sock *listener = bpf_map_lookup_elem(&chosen, &first);
  if (!listener) return SK_PASS;
  bpf_sk_assign(ctx, listener, 0);
  bpf_sk_release(listener);
  return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
