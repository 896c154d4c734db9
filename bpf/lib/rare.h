/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What few packets need, kept out of the way of the others. A packet that is not reported costs
 * little more than the cache lines that it touches, those of the program itself first of all: the
 * stack has used the cache for itself since the packet before.
 */
#ifndef ALIDADE_BPF_LIB_RARE_H
#define ALIDADE_BPF_LIB_RARE_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* A function that stands apart. The verifier looks at it once, whatever leads there, and takes any
 * of its pointers for one that may be NULL. Before 5.12 such a function takes no pointers: there it
 * is looked at anew for each state of what is handed to it, unless that is forgotten first. What it
 * has on the stack is free again when another one is called. */
#ifdef ALIDADE_PLAIN_KERNEL
#define APART static __noinline __attribute__((unused))
/* Makes the verifier forget what it knows of `object`, on the stack: it cannot tell a copy of it.
 */
#define FORGET(object) bpf_probe_read_kernel(&(object), sizeof(object), &(object))
#else
#define APART __noinline
#define FORGET(object)
#endif

/* One that few packets need. */
#define RARE APART

#endif /* ALIDADE_BPF_LIB_RARE_H */
