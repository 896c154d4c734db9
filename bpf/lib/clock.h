/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Time, in ticks of the kernel's own clock (jiffies; config.ticks_per_second of them): what it
 * counts anyway costs one load, where reading an exact clock is dear for every packet or message.
 */
#ifndef ALIDADE_BPF_LIB_CLOCK_H
#define ALIDADE_BPF_LIB_CLOCK_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/knobs.h"

static __always_inline __u32 ticks_now(void) { return bpf_jiffies64(); }

/* Ticks from `then` to `now`; none when another CPU has written a later `then` meanwhile. The count
 * wraps, after 49 days where ticks are shortest (1 ms): what lies more than half of that apart
 * cannot be told. */
static __always_inline __u32 ticks_since(__u32 then, __u32 now) {
  __s32 ticks = now - then;
  return ticks > 0 ? ticks : 0;
}

static __always_inline __u32 ticks_of(__u32 milliseconds) {
  return (__u64)milliseconds * config.ticks_per_second / 1000;
}

#endif /* ALIDADE_BPF_LIB_CLOCK_H */
