/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Who listens. Kept in the listening socket itself, from where the kernel copies it into every
 * socket that the listener accepts (BPF_F_CLONE): those are made without a process at hand.
 */
#ifndef ALIDADE_BPF_LIB_LISTENER_H
#define ALIDADE_BPF_LIB_LISTENER_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/owners.h"

struct {
  __uint(type, BPF_MAP_TYPE_SK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
  __type(key, int);
  __type(value, struct socket_owner);
} listeners SEC(".maps");

#endif /* ALIDADE_BPF_LIB_LISTENER_H */
