/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Time. Nanoseconds are those of CLOCK_MONOTONIC, as bpf_ktime_get_ns gives them, shared between
 * CPUs. Ticks are what connection state counts in: 2^20 ns (1.05 ms) each, by a clock that the
 * kernel moves once a jiffy, since reading the exact one is dear where every packet pays.
 */
#ifndef ALIDADE_BPF_LIB_CLOCK_H
#define ALIDADE_BPF_LIB_CLOCK_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/knobs.h"

/* Nanoseconds from `then` to `now`; none when another CPU has written a later `then` meanwhile. */
static __always_inline __u64 elapsed(__u64 then, __u64 now) { return now > then ? now - then : 0; }

enum { TICK_SHIFT = 20 };

static __always_inline __u32 ticks_now(void) {
#ifndef ALIDADE_PLAIN_KERNEL
  if (config.has_coarse_clock) return bpf_ktime_get_coarse_ns() >> TICK_SHIFT;
#endif
  return bpf_ktime_get_ns() >> TICK_SHIFT;
}

/* Ticks from `then` to `now`, likewise. The count wraps after 52 days: what lies more than 26 days
 * apart cannot be told. */
static __always_inline __u32 ticks_since(__u32 then, __u32 now) {
  __s32 ticks = now - then;
  return ticks > 0 ? ticks : 0;
}

static __always_inline __u32 seconds_of(__u32 ticks) {
  return (((__u64)ticks << TICK_SHIFT) + 500000000) / 1000000000ULL;
}

#endif /* ALIDADE_BPF_LIB_CLOCK_H */
