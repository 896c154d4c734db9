/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Numbers of the protocols that our programs know, and how long their headers are in bytes, without
 * options. Macros in the kernel's headers, so that BTF does not have them.
 */
#ifndef ALIDADE_BPF_LIB_PROTOCOLS_H
#define ALIDADE_BPF_LIB_PROTOCOLS_H

#include "vmlinux.h"

/* IEEE 802 numbers (include/uapi/linux/if_ether.h). */
enum {
  ETHERTYPE_IPV4 = 0x0800,
  ETHERTYPE_ARP = 0x0806,
  ETHERTYPE_BRIDGED = 0x6558, /* an Ethernet frame in GRE */
  ETHERTYPE_VLAN = 0x8100,
  ETHERTYPE_QINQ = 0x88a8,
  ETHERTYPE_OLD_QINQ = 0x9100,
  ETHERTYPE_IPV6 = 0x86dd,
};

/* IANA's "Protocol Numbers". */
enum {
  PROTO_HOP_BY_HOP = 0,
  PROTO_ICMP = 1,
  PROTO_IPV4 = 4,
  PROTO_TCP = 6,
  PROTO_UDP = 17,
  PROTO_IPV6 = 41,
  PROTO_ROUTING = 43,
  PROTO_FRAGMENT = 44,
  PROTO_GRE = 47,
  PROTO_AH = 51,
  PROTO_ICMPV6 = 58,
  PROTO_DESTINATION = 60,
  PROTO_SCTP = 132,
};

static __always_inline bool is_icmp_protocol(__u8 protocol) {
  return protocol == PROTO_ICMP || protocol == PROTO_ICMPV6;
}

/* RFC 9293 section 3.1, byte 13 of the header. */
enum {
  TCP_FIN = 0x01,
  TCP_SYN = 0x02,
  TCP_RST = 0x04,
  TCP_ACK = 0x10,
};

enum {
  ETHERNET_HEADER = 14,
  VLAN_TAG = 4,
  IPV4_HEADER = 20,
  IPV6_HEADER = 40,
  TCP_HEADER = 20,
  UDP_HEADER = 8,
  SCTP_HEADER = 12,
  ICMP_HEADER = 8,
};

#endif /* ALIDADE_BPF_LIB_PROTOCOLS_H */
