/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Where a tunnel's layer-3 device shows more than the packet: the headers around it.
 */
#ifndef ALIDADE_BPF_LIB_OUTER_H
#define ALIDADE_BPF_LIB_OUTER_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/rare.h"
#include "bpf/lib/kernel_layout.h"

enum { MAX_OUTER_BYTES = 255 }; /* what trace_ext has room for */

/* The bytes before the packet's IP header on a tunnel's layer-3 device: 0, unless the device makes
 * the outer headers its link-layer header. Every one does on ingress before 5.14, GRE to a
 * multicast group always. No field of __sk_buff tells. */
RARE __u32 packet_outer_bytes(struct __sk_buff *skb) {
  __u64 head = 0, data = 0;
  __u16 network = 0;

  READ_FIELD(skb, layout.skb_head, head);
  READ_FIELD(skb, layout.skb_data, data);
  READ_FIELD(skb, layout.skb_network_header, network);
  __u64 bytes = head + network - data; /* large, too, when the data begin behind the header */
  return bytes <= MAX_OUTER_BYTES && bytes < skb->len ? bytes : 0;
}

#endif /* ALIDADE_BPF_LIB_OUTER_H */
