/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Limits of what goes into the rings: so many events a second from each CPU, and so many of
 * them from one source, so that a flood of one pod or peer does not cost the others' events. Both
 * are token buckets, kept as the time at which the next token falls due (the virtual scheduling
 * form of the generic cell rate algorithm, ITU-T I.371 annex A). A source that floods through
 * several CPUs has a share on each of them. What is held back is counted in hook_count.limited.
 */
#ifndef ALIDADE_BPF_LIB_LIMIT_H
#define ALIDADE_BPF_LIB_LIMIT_H

#include "bpf/lib/clock.h"
#include "bpf/lib/cpu_rows.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/mix.h"

CPU_ROWS(cpu_limits, struct cpu_limit);

/* SOURCE_SETS rows for each CPU. Not a hash: to look into one takes longer than all else here. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, SOURCE_SETS); /* times CPUs: user space makes the map */
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct source_set);
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

/* Tells sources apart, but for one in 2^64. Never 0. */
static __always_inline __u64 source_number(const struct event_source *source) {
  const __u64 *words = (const __u64 *)source;
  __u64 number = config.connection_seed;

#pragma unroll
  for (int i = 0; i < 3; i++) {
    number = (number ^ words[i]) * MIX_END;
    number ^= number >> 32;
  }
  return number ? number : 1;
}

/* A source that is not remembered takes the place of the one that has used least of its rate. */
static __always_inline bool take_source_token(const struct event_source *source, __u64 interval,
                                              __u64 now) {
  __u64 number = source_number(source);
  __u32 row = bpf_get_smp_processor_id() * SOURCE_SETS + number % SOURCE_SETS;
  struct source_set *set = bpf_map_lookup_elem(&source_limits, &row);
  __u32 least = 0;

  if (!set) return true; /* for the verifier: cannot happen */
#pragma unroll
  for (int i = 0; i < SOURCES_OF_SET; i++) {
    if (set->source[i] == number) return take_token(&set->due[i], interval, now);
  }
#pragma unroll
  for (int i = 1; i < SOURCES_OF_SET; i++) {
    if (set->due[i] < set->due[least % SOURCES_OF_SET]) least = i;
  }
  set->source[least % SOURCES_OF_SET] = number;
  set->due[least % SOURCES_OF_SET] = now + interval;
  return true;
}

/* Of a packet on an interface: the interface when all that crosses it is of one pod, else who sent
 * it, whose address has 16 bytes (IPv4: the first four, zeros behind them), moved by words. */
static __always_inline struct event_source source_of_packet(bool is_one_pods, __u32 ifindex,
                                                            const __u64 *address) {
  struct event_source source = {.netns = config.netns};

  if (is_one_pods)
    source.ifindex = ifindex;
  else
    __builtin_memcpy(source.address, address, sizeof(source.address));
  return source;
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
  __u32 cpu = bpf_get_smp_processor_id();
  struct cpu_limit *limit = config.cpu_event_time ? bpf_map_lookup_elem(&cpu_limits, &cpu) : NULL;
  if (limit && !take_token(&limit->due, config.cpu_event_time, now)) {
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
