/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Fields of the kernel's structures that a program's context does not show, for programs that must
 * also load where there is no BTF.
 */
#ifndef ALIDADE_BPF_LIB_KERNEL_LAYOUT_H
#define ALIDADE_BPF_LIB_KERNEL_LAYOUT_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/config.h"

const volatile struct kernel_layout layout SEC(".rodata.layout") = {};

/* Reads the field at `offset` of what `base` points to into the zeroed `field`; nothing when it is
 * unknown. The context of a program on packets is the packet's struct sk_buff. */
#define READ_FIELD(base, offset, field) \
  ((offset) ? bpf_probe_read_kernel(&(field), sizeof(field), (void *)(base) + (offset)) : 0)

#endif /* ALIDADE_BPF_LIB_KERNEL_LAYOUT_H */
