/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * trace_plain: trace for kernels whose verifier refuses a program with an atomic exchange, even
 * where it is never reached (before 5.12). config.has_atomics says 0 there, so that what stands
 * here in its place is never reached either. The clock and the kfuncs that came later are left out.
 */
#define ALIDADE_PLAIN_KERNEL
#define __sync_lock_test_and_set(counter, value) 0
#define __sync_val_compare_and_swap(counter, before, after) 0

#include "bpf/trace.bpf.c"
