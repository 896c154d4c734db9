/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Writes the bytes that a test put into `sample` to the perf ring `events`, as Cilium's datapath
 * would. It is attached nowhere: the test runs it by BPF_PROG_TEST_RUN.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

enum { MAX_SAMPLE_BYTES = 1024 };

struct sample {
  __u32 size;
  __u8 bytes[MAX_SAMPLE_BYTES];
};

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct sample);
} sample SEC(".maps");

SEC("tc")
int write_sample(struct __sk_buff *skb) {
  __u32 zero = 0;
  struct sample *wanted = bpf_map_lookup_elem(&sample, &zero);
  if (!wanted) return 1;
  __u32 size = wanted->size;
  if (size == 0 || size > MAX_SAMPLE_BYTES) return 1;
  return bpf_perf_event_output(skb, &events, BPF_F_CURRENT_CPU, wanted->bytes, size) ? 1 : 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
