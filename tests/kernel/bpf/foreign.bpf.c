/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Programs of somebody else on the same node, for the tests: one that lets everything pass and
 * counts, and ones that take away the datagrams to one port.
 */
#include "vmlinux.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { PASS_ON = -1, SHOT = 2 };
enum { XDP_DROPPED = 1, XDP_PASSED = 2 };
enum { DESTINATION_PORT_AT = 14 + 20 + 2 }; /* behind Ethernet and an IPv4 header without options */

/* As in include/uapi/linux/bpf.h, as far as it is used. */
struct xdp_md {
  __u32 data;
  __u32 data_end;
};

const volatile __u16 taken_port = 0; /* host order */
__u64 seen = 0;                      /* packets that foreign_pass let pass */

SEC("tcx/ingress")
int foreign_pass(struct __sk_buff *skb __attribute__((unused))) {
  __sync_fetch_and_add(&seen, 1);
  return PASS_ON;
}

SEC("tcx/ingress")
int foreign_drop(struct __sk_buff *skb) {
  __be16 port = 0;

  if (bpf_skb_load_bytes(skb, DESTINATION_PORT_AT, &port, sizeof(port))) return PASS_ON;
  return bpf_ntohs(port) == taken_port ? SHOT : PASS_ON;
}

SEC("xdp")
int foreign_xdp_drop(struct xdp_md *ctx) {
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  __be16 *port = data + DESTINATION_PORT_AT;

  if ((void *)(port + 1) > end) return XDP_PASSED;
  return bpf_ntohs(*port) == taken_port ? XDP_DROPPED : XDP_PASSED;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
