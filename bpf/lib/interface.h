/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What user space says of each interface of its network namespace.
 */
#ifndef ALIDADE_BPF_LIB_INTERFACE_H
#define ALIDADE_BPF_LIB_INTERFACE_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/config.h"

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, LOW_INTERFACES);
  __type(key, __u32); /* ifindex */
  __type(value, struct interface_config);
} low_interfaces SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, HIGH_INTERFACES);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, __u32); /* ifindex */
  __type(value, struct interface_config);
} interfaces SEC(".maps");

/* NULL when nothing is said of it. */
static __always_inline const struct interface_config *interface_of(__u32 ifindex) {
  if (ifindex >= LOW_INTERFACES) return bpf_map_lookup_elem(&interfaces, &ifindex);
  const struct interface_config *row = bpf_map_lookup_elem(&low_interfaces, &ifindex);
  return row && row->flags & INTERFACE_KNOWN ? row : NULL;
}

#endif /* ALIDADE_BPF_LIB_INTERFACE_H */
