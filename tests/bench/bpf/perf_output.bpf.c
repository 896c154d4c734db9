/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What watching costs by the plainest means: a record of every packet, with its first bytes, in the
 * perf ring.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

enum { GO_ON = -1 /* TCX_NEXT */, CAPTURED = 128 };

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} bench_records SEC(".maps");

/* As large as the notification that Cilium writes. */
struct record {
  __u32 bytes;
  __u32 ifindex;
  __u32 hash;
  __u32 egress;
  __u64 others[4];
};

static __always_inline int write_record(struct __sk_buff *skb, bool egress) {
  struct record record = {
      .bytes = skb->len, .ifindex = skb->ifindex, .hash = skb->hash, .egress = egress};
  __u64 captured = skb->len < CAPTURED ? skb->len : CAPTURED;

  bpf_perf_event_output(skb, &bench_records, captured << 32 | BPF_F_CURRENT_CPU, &record,
                        sizeof(record));
  return GO_ON;
}

SEC("tcx/ingress")
int bench_perf_in(struct __sk_buff *skb) { return write_record(skb, false); }

SEC("tcx/egress")
int bench_perf_out(struct __sk_buff *skb) { return write_record(skb, true); }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
