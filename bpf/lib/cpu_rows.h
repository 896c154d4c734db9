/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What each CPU keeps for itself: a row of a plain array, a cache line long. Not a per-CPU array:
 * that one is a pointer away, which is one more line to wait for.
 */
#ifndef ALIDADE_BPF_LIB_CPU_ROWS_H
#define ALIDADE_BPF_LIB_CPU_ROWS_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

/* Declares the map `name`, with a row of the type `row_type` for each CPU. User space makes it, in
 * its size. The flag is for what it does beside: rows begin where cache lines do. */
#define CPU_ROWS(name, row_type)       \
  struct {                             \
    __uint(type, BPF_MAP_TYPE_ARRAY);  \
    __uint(max_entries, 1);            \
    __uint(map_flags, BPF_F_MMAPABLE); \
    __type(key, __u32);                \
    __type(value, row_type);           \
  } name SEC(".maps")

#endif /* ALIDADE_BPF_LIB_CPU_ROWS_H */
