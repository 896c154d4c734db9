/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Fields of the kernel's struct sk_buff that __sk_buff does not show. A program's context is one.
 */
#ifndef ALIDADE_BPF_LIB_SKB_LAYOUT_H
#define ALIDADE_BPF_LIB_SKB_LAYOUT_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/config.h"

const volatile struct skb_layout skb_layout SEC(".rodata.skb") = {};

/* Reads the field at `offset` into the zeroed `field`; nothing when it is unknown. */
#define READ_SKB_FIELD(skb, offset, field) \
  ((offset) ? bpf_probe_read_kernel(&(field), sizeof(field), (void *)(skb) + (offset)) : 0)

#endif /* ALIDADE_BPF_LIB_SKB_LAYOUT_H */
