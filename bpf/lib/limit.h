/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Limits of what goes into the perf ring: so many events a second from each CPU, and so many of
 * them from one source, so that a flood of one pod or peer does not cost the others' events. Both
 * are token buckets, kept as the time at which the next token falls due (the virtual scheduling
 * form of the generic cell rate algorithm, ITU-T I.371 annex A). A source that floods through
 * several CPUs has a share on each of them. What is held back is counted in hook_count.limited.
 */
#ifndef ALIDADE_BPF_LIB_LIMIT_H
#define ALIDADE_BPF_LIB_LIMIT_H

#include "bpf/lib/clock.h"
#include "bpf/lib/emit.h"

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} cpu_limit SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_PERCPU_HASH);
  __uint(max_entries, LIMITED_SOURCES);
  __type(key, struct event_source);
  __type(value, __u64);
} source_limits SEC(".maps");

/* `due` is when the next token falls due; a bucket that was long unused holds a burst. All tokens
 * of a tick fall due at its beginning, which is fine enough for bursts of many ticks. */
static __always_inline bool take_token(__u64 *due, __u64 interval, __u64 now) {
  __u64 start = *due > now ? *due : now;
  __u64 burst = (__u64)ticks_of(LIMIT_BURST_MS) << TICK_PART_BITS;

  if (start > now + burst) return false;
  *due = start + interval;
  return true;
}

static __always_inline bool take_source_token(const struct event_source *source, __u64 interval,
                                              __u64 now) {
  __u64 *due = bpf_map_lookup_elem(&source_limits, source);

  if (due) return take_token(due, interval, now);
  __u64 first = now + interval;
  bpf_map_update_elem(&source_limits, source, &first, BPF_ANY);
  return true; /* without memory for the source only the CPU's limit holds */
}

/* Whether an event of `source`, which takes `weight` of its tokens, may be emitted now; counts one
 * that may not. */
static __always_inline bool within_limits_of(struct hook_count *count,
                                             const struct event_source *source, __u32 weight) {
  if (!config.source_event_time && !config.cpu_event_time) return true;

  __u64 now = bpf_jiffies64() << TICK_PART_BITS;
  if (config.source_event_time &&
      !take_source_token(source, config.source_event_time * weight, now)) {
    count->limited++;
    return false;
  }
  __u32 zero = 0;
  __u64 *due = config.cpu_event_time ? bpf_map_lookup_elem(&cpu_limit, &zero) : NULL;
  if (due && !take_token(due, config.cpu_event_time, now)) {
    count->limited++;
    return false;
  }
  return true;
}

static __always_inline bool within_limits(struct hook_count *count,
                                          const struct event_source *source) {
  return within_limits_of(count, source, 1);
}

#endif /* ALIDADE_BPF_LIB_LIMIT_H */
