/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The least that a program on an interface can cost: what the kernel takes to call one.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

enum { GO_ON = -1 }; /* TCX_NEXT */

SEC("tcx/ingress")
int bench_empty_in(struct __sk_buff *skb __attribute__((unused))) { return GO_ON; }

SEC("tcx/egress")
int bench_empty_out(struct __sk_buff *skb __attribute__((unused))) { return GO_ON; }

char LICENSE[] SEC("license") = "Dual BSD/GPL";
