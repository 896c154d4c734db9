/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The contract of the event rings: every struct and enum that crosses them, compiled by
 * clang -target bpf and by g++. Nothing else may declare these types.
 *
 * Layouts follow Cilium's monitor notifications, so that one parser reads our programs and a
 * Cilium node's own perf ring. What Cilium has no field for travels in an extension of ours,
 * between header and packet (behind byte 40 for sock notifications, which have no packet).
 *
 * Byte order: host order unless a field says network order. Reserved bytes are written as zero.
 * Include vmlinux.h first in BPF programs; elsewhere <linux/types.h> is included here.
 */
#ifndef ALIDADE_BPF_EVENTS_H
#define ALIDADE_BPF_EVENTS_H

#ifndef __bpf__
#include <linux/types.h>
#include <stddef.h>
#endif

#ifdef __cplusplus
#define ABI_ASSERT(cond) static_assert(cond, #cond)
#else
#define ABI_ASSERT(cond) _Static_assert(cond, #cond)
#endif
#define ABI_SIZE(type, size) ABI_ASSERT(sizeof(struct type) == (size))
#define ABI_OFFSET(type, field, offset) \
  ABI_ASSERT(__builtin_offsetof(struct type, field) == (offset))

/* Byte 0 of every notification. */
enum notify_type {
  NOTIFY_UNSPEC = 0,
  NOTIFY_DROP = 1,
  NOTIFY_DEBUG = 2,
  NOTIFY_CAPTURE = 3,
  NOTIFY_TRACE = 4,
  NOTIFY_POLICY_VERDICT = 5,
  NOTIFY_TRACE_SOCK = 7,
};

/* Subtype of NOTIFY_TRACE: where on its way the packet was seen. */
enum trace_point {
  TRACE_TO_ENDPOINT = 0,
  TRACE_TO_PROXY = 1,
  TRACE_TO_HOST = 2,
  TRACE_TO_STACK = 3,
  TRACE_TO_OVERLAY = 4,
  TRACE_FROM_ENDPOINT = 5,
  TRACE_FROM_PROXY = 6,
  TRACE_FROM_HOST = 7,
  TRACE_FROM_STACK = 8,
  TRACE_FROM_OVERLAY = 9,
  TRACE_FROM_NETWORK = 10,
  TRACE_TO_NETWORK = 11,
  TRACE_FROM_CRYPTO = 12,
  TRACE_TO_CRYPTO = 13,
  TRACE_SILENT = 255, /* never on the wire: this hook does not report (bpf/config.h) */
};

/* Low seven bits of trace_notify.reason: what connection tracking says of the packet. */
enum trace_reason {
  TRACE_REASON_NEW = 0,
  TRACE_REASON_ESTABLISHED = 1,
  TRACE_REASON_REPLY = 2,
  TRACE_REASON_RELATED = 3,
  TRACE_REASON_UNKNOWN = 5,
  TRACE_REASON_SRV6_ENCAP = 6,
  TRACE_REASON_SRV6_DECAP = 7,
  TRACE_REASON_ENCRYPTED = 0x80, /* a bit beside the reason */
};

/* trace_notify.flags and drop_notify.flags. */
enum notify_flag {
  NOTIFY_FLAG_IPV6 = 1 << 0,      /* orig_ip holds 16 bytes; an L3 packet is IPv6 */
  NOTIFY_FLAG_L3_DEVICE = 1 << 1, /* the packet has no Ethernet header */
  NOTIFY_FLAG_VXLAN = 1 << 2,
  NOTIFY_FLAG_GENEVE = 1 << 3,
};

/* policy_verdict_notify.bits. */
enum verdict_bits {
  VERDICT_DIRECTION_MASK = 0x03,
  VERDICT_DIRECTION_INGRESS = 1,
  VERDICT_DIRECTION_EGRESS = 2,
  VERDICT_IPV6 = 1 << 2,
  VERDICT_MATCH_TYPE_SHIFT = 3,
  VERDICT_MATCH_TYPE_MASK = 0x07, /* after the shift */
  VERDICT_AUDITED = 1 << 6,
  VERDICT_L3_DEVICE = 1 << 7,
};

/* Subtype of NOTIFY_CAPTURE. */
enum capture_point {
  CAPTURE_DELIVERY = 4,
  CAPTURE_FROM_LB = 5,
  CAPTURE_AFTER_V46 = 6,
  CAPTURE_AFTER_V64 = 7,
  CAPTURE_PROXY_PRE = 8,
  CAPTURE_PROXY_POST = 9,
  CAPTURE_SNAT_PRE = 10,
  CAPTURE_SNAT_POST = 11,
};

/* drop_notify.header.subtype of a drop without a near Hubble reason. Not 0, which clients print as
 * "Success"; the flow's own reason is DROP_REASON_UNKNOWN. */
enum { UNMAPPED_DROP = 255 };

/* sock_notify.xlate_point. */
enum sock_xlate_point {
  SOCK_XLATE_UNKNOWN = 0,
  SOCK_XLATE_PRE_FWD = 1,
  SOCK_XLATE_POST_FWD = 2,
  SOCK_XLATE_PRE_REV = 3,
  SOCK_XLATE_POST_REV = 4,
};

/* sock_notify.l4_proto: Cilium's numbers, not IP protocol numbers. */
enum sock_l4_proto {
  SOCK_L4_UNKNOWN = 0,
  SOCK_L4_TCP = 1,
  SOCK_L4_UDP = 2,
};

/* sock_notify.flags. */
enum sock_flag {
  SOCK_FLAG_IPV6 = 1 << 0,
};

/* The extensions below. Zero means none: what Cilium's own programs write. */
enum ext_version {
  EXT_NONE = 0,
  EXT_V1 = 1,
  EXT_V2 = 2, /* trace only: EXT_V1 and what behind it is told of translation */
};

/* Stands before each notification in a ring of ours. What follows `size` bytes of it up to the next
 * record means nothing. */
struct event_frame {
  __u64 time_ns; /* CLOCK_MONOTONIC */
  __u32 size;    /* bytes of the notification, with extension and packet part */
  __u32 wake_up; /* the programs' own: how they hand it on */
};
ABI_SIZE(event_frame, 16);

/* The first 16 bytes of drop, capture, trace and policy verdict notifications. */
struct notify_header {
  __u8 type;        /* enum notify_type */
  __u8 subtype;     /* trace: enum trace_point; drop: Hubble DropReason or UNMAPPED_DROP */
  __u16 source;     /* id of the endpoint whose program emitted; 0: none */
  __u32 hash;       /* skb hash */
  __u32 len_orig;   /* bytes of the packet */
  __u16 len_cap;    /* bytes of it that follow */
  __u8 version;     /* layout version of this type */
  __u8 ext_version; /* enum ext_version */
};
ABI_SIZE(notify_header, 16);

enum { DROP_NOTIFY_VERSION = 3, TRACE_NOTIFY_VERSION = 2 };

struct drop_notify {
  struct notify_header header;
  __u32 src_label; /* security identities; 0: look it up */
  __u32 dst_label;
  __u32 dst_id;
  __u16 line;
  __u8 file;
  __s8 ext_error;
  __u32 ifindex;
  __u8 flags; /* enum notify_flag */
  __u8 pad[3];
  __u64 ip_trace_id;
};
ABI_SIZE(drop_notify, 48);
ABI_OFFSET(drop_notify, line, 28);
ABI_OFFSET(drop_notify, ifindex, 32);
ABI_OFFSET(drop_notify, flags, 36);
ABI_OFFSET(drop_notify, ip_trace_id, 40);

struct trace_notify {
  struct notify_header header;
  __u32 src_label;
  __u32 dst_label;
  __u16 dst_id;
  __u8 reason; /* enum trace_reason */
  __u8 flags;  /* enum notify_flag */
  __u32 ifindex;
  __u8 orig_ip[16]; /* network order; before source translation, zero: not translated */
  __u64 ip_trace_id;
};
ABI_SIZE(trace_notify, 56);
ABI_OFFSET(trace_notify, dst_id, 24);
ABI_OFFSET(trace_notify, reason, 26);
ABI_OFFSET(trace_notify, ifindex, 28);
ABI_OFFSET(trace_notify, orig_ip, 32);
ABI_OFFSET(trace_notify, ip_trace_id, 48);

struct policy_verdict_notify {
  struct notify_header header;
  __u32 remote_label; /* security identity of the peer */
  __s32 verdict;      /* negative: minus the drop reason; 0: allow; positive: proxy port */
  __u16 dst_port;     /* host order */
  __u8 proto;         /* IP protocol */
  __u8 bits;          /* enum verdict_bits */
  __u8 auth_type;     /* Hubble AuthType */
  __u8 pad[3];
  __u32 cookie; /* policy log cookie */
  __u32 pad2;
};
ABI_SIZE(policy_verdict_notify, 40);
ABI_OFFSET(policy_verdict_notify, dst_port, 24);
ABI_OFFSET(policy_verdict_notify, bits, 27);
ABI_OFFSET(policy_verdict_notify, cookie, 32);

/* A message of the datapath to its developers: no packet, and only the first eight bytes of the
 * common header. */
struct debug_notify {
  __u8 type;    /* NOTIFY_DEBUG */
  __u8 subtype; /* Hubble DebugEventType */
  __u16 source; /* as in notify_header */
  __u32 hash;
  __u32 arg1;
  __u32 arg2;
  __u32 arg3;
};
ABI_SIZE(debug_notify, 20);
ABI_OFFSET(debug_notify, arg1, 8);

/* What a debug notification is about; the numbers of Hubble's DebugEventType that ours emit. */
enum debug_type {
  DEBUG_CT_MATCH = 8,    /* arg1: lifetime in seconds */
  DEBUG_CT_VERDICT = 15, /* arg1: state of the connection */
  /* arg1, arg2: last four bytes of source and destination; arg3: their ports, source below */
  DEBUG_CT_LOOKUP4_1 = 48,
  DEBUG_CT_LOOKUP6_1 = 51,
  /* arg1: protocol << 8 | flags; arg2: direction; arg3: scope */
  DEBUG_CT_LOOKUP4_2 = 49,
  DEBUG_CT_LOOKUP6_2 = 52,
  DEBUG_CT_CREATED4 = 50,
  DEBUG_CT_CREATED6 = 53,
};

struct capture_notify {
  struct notify_header header;
  __u32 arg1; /* interface or proxy port, by capture point */
  __u32 arg2;
};
ABI_SIZE(capture_notify, 24);

struct sock_notify {
  __u8 type;        /* NOTIFY_TRACE_SOCK */
  __u8 xlate_point; /* enum sock_xlate_point */
  __u8 l4_proto;    /* enum sock_l4_proto */
  __u8 flags;       /* enum sock_flag */
  __u16 dst_port;   /* host order */
  __u16 pad;
  __u64 sock_cookie;
  __u64 cgroup_id;
  __u8 dst_ip[16]; /* network order; IPv4 in the first four bytes */
};
ABI_SIZE(sock_notify, 40);
ABI_OFFSET(sock_notify, dst_port, 4);
ABI_OFFSET(sock_notify, sock_cookie, 8);
ABI_OFFSET(sock_notify, dst_ip, 24);

/* trace_ext.flags. */
enum trace_ext_flag {
  TRACE_EXT_EGRESS = 1 << 0,      /* seen by the egress hook */
  TRACE_EXT_COUNTS_ONLY = 1 << 1, /* no packet: headers made up of what is known, and the counts */
};

/* Follows trace_notify when header.ext_version is EXT_V1. A connection is one on this interface: of
 * a packet in a tunnel, that of the outer headers. */
struct trace_ext {
  /* Of this connection, this way, since its previous report; this one included. As the interface
   * counts: segments that offload handles as one packet (GSO, GRO) are one. */
  __u64 packets;
  __u64 bytes; /* likewise, as the device counts them (L2 header included where there is one) */
  __u64 reverse_packets; /* likewise, of the other way */
  __u64 reverse_bytes;
  __u64 sock_cookie; /* of the local socket that owns the packet; 0: none known */
  __u32 netns;       /* inode number of the network namespace that ifindex belongs to */
  __u8 flags;        /* enum trace_ext_flag */
  __u8 outer_bytes;  /* of headers around the packet that stand before it; bytes leaves them out */
  __u16 vlan; /* id of the outermost VLAN tag, also of one that the device took off; 0: none */
};
ABI_SIZE(trace_ext, 48);
ABI_OFFSET(trace_ext, reverse_packets, 16);
ABI_OFFSET(trace_ext, netns, 40);
ABI_OFFSET(trace_ext, vlan, 46);

/* nat_ext.side: which side of the kernel's address translation a packet was seen on. */
enum nat_side {
  NAT_SIDE_BEFORE = 1, /* nat_ext holds what it will be translated to */
  NAT_SIDE_AFTER = 2,  /* nat_ext holds what it was before */
};

/* Follows trace_ext when header.ext_version is EXT_V2: the other addresses of a packet whose
 * connection the kernel's conntrack translates. */
struct nat_ext {
  __u8 source[16]; /* network order; IPv4 in the first four bytes */
  __u8 destination[16];
  __be16 source_port; /* of TCP, UDP and SCTP; else zero */
  __be16 destination_port;
  __u8 side; /* enum nat_side */
  __u8 pad[3];
};
ABI_SIZE(nat_ext, 40);
ABI_OFFSET(nat_ext, side, 36);

/* drop_ext.path: how far a dropped packet had come in its network namespace. */
enum drop_path {
  DROP_PATH_UNKNOWN = 0,
  DROP_PATH_OUT = 1,     /* made there, on its way out */
  DROP_PATH_IN = 2,      /* still on the interface where it came in */
  DROP_PATH_THROUGH = 3, /* came in on another interface, on its way out */
};

/* Follows drop_notify when header.ext_version is EXT_V1. */
struct drop_ext {
  __u64 location;      /* kernel address of the code that freed the packet */
  __u64 sock_cookie;   /* of the owning socket; 0: none known */
  __u32 kernel_reason; /* enum skb_drop_reason of the running kernel; subsystem in the upper half */
  __u32 netns;         /* inode number of the network namespace that ifindex belongs to */
  __u64 hook_caller;   /* netfilter's drops: return address into what called the hook; 0: unknown */
  __u8 path;           /* enum drop_path */
  __u8 pad[7];
};
ABI_SIZE(drop_ext, 40);
ABI_OFFSET(drop_ext, kernel_reason, 16);
ABI_OFFSET(drop_ext, path, 32);

/* Follows sock_notify when the record is long enough and version is EXT_V1. */
struct sock_ext {
  __u32 version;     /* enum ext_version */
  __u32 pid;         /* of the process (thread group), in the initial pid namespace */
  __u8 local_ip[16]; /* network order; zero: not bound yet */
  __u16 local_port;  /* host order; 0: not bound yet */
  __u16 pad;
  __u32 netns;   /* inode number of the socket's network namespace */
  char comm[16]; /* command name of the thread, NUL-terminated unless 16 bytes long */
};
ABI_SIZE(sock_ext, 48);
ABI_OFFSET(sock_ext, local_ip, 8);
ABI_OFFSET(sock_ext, local_port, 24);
ABI_OFFSET(sock_ext, comm, 32);

/* Largest packet part that a record can carry; the option capture-length is capped by it. A packet
 * that may hold another one in a tunnel is captured by up to the second number more: what an outer
 * IPv6, UDP, VXLAN and inner Ethernet header take, and a little. */
enum { MAX_CAPTURE_LENGTH = 1024, MAX_TUNNEL_HEADERS = 80 };

/* The rows of the array `hook_counts`, one for each CPU and hook: what was lost inside the kernel
 * is counted there, where it happened. */
enum hook_id {
  HOOK_TRACE = 0,
  HOOK_PACKET_DROP = 1,
  HOOK_SOCK_ADDR = 2,
  HOOK_SOCK_OWNER = 3,
  HOOK_SOCK_SCAN = 4,
  HOOK_TRACE_SILENT = 5,
  HOOK_MAX = 6,
};

struct hook_count {
  __u64 seen;    /* times the program ran */
  __u64 emitted; /* records written to the ring */
  __u64 lost;    /* records that the ring had no room for */
  __u64 failed;  /* records that could not be written for another reason */
  __u64 ignored; /* runs that had nothing to report (not a drop, aggregated, not a packet) */
  __u64 limited; /* records that a rate limit held back */
  __u64 sampled; /* packets of connections that sampling leaves out */
  __u64 untold;  /* aggregated packets whose connection was forgotten before any report told them */
};
ABI_SIZE(hook_count, 64); /* a cache line: no two CPUs share one */

#endif /* ALIDADE_BPF_EVENTS_H */
