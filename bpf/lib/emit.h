/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The two maps that all hooks share, and the one way to write to the event rings: emit and
 * count. The loader hands every object the same two maps by file descriptor.
 */
#ifndef ALIDADE_BPF_LIB_EMIT_H
#define ALIDADE_BPF_LIB_EMIT_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/knobs.h"

struct event_ring {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096); /* user space makes the rings */
};

/* The ring of each CPU: who writes waits for nobody. A perf ring takes more than twice as long for
 * the same record (tests/bench/README.md). */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
  __uint(max_entries, 1); /* times CPUs: user space makes the map */
  __type(key, __u32);
  __array(values, struct event_ring);
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

/* Whether the record that is begun is to wake the reader: when the ring is half full. Asked of one
 * record in so many, since to ask takes a tenth of what else a report does. */
enum { WAKE_UP_ASKED_OF = 16 };

static __always_inline bool is_wake_up_due(const struct hook_count *count, void *ring) {
  if (count->emitted % WAKE_UP_ASKED_OF) return false;
  return bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA) >=
         bpf_ringbuf_query(ring, BPF_RB_RING_SIZE) / 2;
}

/* Room in this CPU's ring for a record of at most `size` bytes, a number that the verifier knows,
 * with its frame; NULL, and counted, when there is none. A ring that is full is the one loss that
 * can happen in the kernel. What is returned is given to event_end, or else discarded. */
static __always_inline struct event_frame *event_begin(struct hook_count *count, __u64 size) {
  __u32 cpu = bpf_get_smp_processor_id();
  void *ring = bpf_map_lookup_elem(&events, &cpu);
  if (!ring) { /* a CPU that has just come, and has none yet */
    count->failed++;
    return NULL;
  }
  struct event_frame *frame = bpf_ringbuf_reserve(ring, sizeof(*frame) + size, 0);
  if (!frame) {
    count->lost++;
    return NULL;
  }
  frame->wake_up = is_wake_up_due(count, ring) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
  return frame;
}

/* Hands the record on, of which `size` bytes were written. The time is taken last: it waits for the
 * loads before it, and the record's lines are on their way to the cache meanwhile. What interrupts
 * the writing stands behind the record with an earlier time. The reader is seldom woken, who looks
 * by himself at every tick: that takes longer than all else here. */
static __always_inline void event_end(struct hook_count *count, struct event_frame *frame,
                                      __u32 size) {
  frame->time_ns = bpf_ktime_get_ns();
  frame->size = size;
  bpf_ringbuf_submit(frame, frame->wake_up);
  count->emitted++;
}

/* Writes the `size` bytes of `record`; a number that the verifier knows. */
static __always_inline void emit(struct hook_count *count, const void *record, __u32 size) {
  struct event_frame *frame = event_begin(count, size);
  if (!frame) return;
  __builtin_memcpy(frame + 1, record, size);
  event_end(count, frame, size);
}

#endif /* ALIDADE_BPF_LIB_EMIT_H */
