/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Time in nanoseconds of CLOCK_MONOTONIC, as bpf_ktime_get_ns gives it, shared between CPUs.
 */
#ifndef ALIDADE_BPF_LIB_CLOCK_H
#define ALIDADE_BPF_LIB_CLOCK_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

/* Nanoseconds from `then` to `now`; none when another CPU has written a later `then` meanwhile. */
static __always_inline __u64 elapsed(__u64 then, __u64 now) { return now > then ? now - then : 0; }

#endif /* ALIDADE_BPF_LIB_CLOCK_H */
