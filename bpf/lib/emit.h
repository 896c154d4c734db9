/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The two maps that all hooks share, and the one way to write to the perf ring: emit and count.
 * The loader hands every object the same two maps by file descriptor.
 */
#ifndef ALIDADE_BPF_LIB_EMIT_H
#define ALIDADE_BPF_LIB_EMIT_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/knobs.h"

#define ENOSPC 28

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, sizeof(__u32));
  __uint(value_size, sizeof(__u32));
} events SEC(".maps");

/* The rows of a CPU stand together, HOOK_MAX of them. Not a per-CPU array: that one is a pointer
 * away, which every packet would pay for. The flag also makes rows begin where cache lines do. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, HOOK_MAX); /* times CPUs: user space makes the map */
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct hook_count);
} hook_counts SEC(".maps");

static __always_inline struct hook_count *hook_count_of(enum hook_id hook) {
  __u32 row = bpf_get_smp_processor_id() * HOOK_MAX + hook;

  return bpf_map_lookup_elem(&hook_counts, &row);
}

/* Writes one record, and `packet_bytes` of the packet behind it when ctx is an skb. A perf ring
 * that is full is the one loss that can happen in the kernel: it is counted here. */
static __always_inline void emit(void *ctx, struct hook_count *count, void *record, __u64 size,
                                 __u64 packet_bytes) {
  long err =
      bpf_perf_event_output(ctx, &events, (packet_bytes << 32) | BPF_F_CURRENT_CPU, record, size);
  if (!err)
    count->emitted++;
  else if (err == -ENOSPC)
    count->lost++;
  else
    count->failed++;
}

#endif /* ALIDADE_BPF_LIB_EMIT_H */
