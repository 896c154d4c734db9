/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The load-time knobs. User space writes them into each object's read-only data before loading, so
 * that the verifier removes what is switched off. Also the map rows that user space fills.
 * Compiled by clang -target bpf and by g++.
 */
#ifndef ALIDADE_BPF_CONFIG_H
#define ALIDADE_BPF_CONFIG_H

#include "bpf/events.h"

/* Monitor aggregation levels, numbered as Cilium's option values are ordered. */
enum aggregation_level {
  AGGREGATION_NONE = 0,    /* every packet, from-* points too */
  AGGREGATION_LOW = 1,     /* every packet, once per hook, no from-* points */
  AGGREGATION_MEDIUM = 2,  /* connection start, flag change, end, and one per interval */
  AGGREGATION_MAXIMUM = 3, /* likewise, flags ignored */
};

/* Connections are remembered in sets of so many. The near sets, when there are any, stand before
 * the others (bpf/lib/connection_table.h). */
enum { CONNECTIONS_OF_SET = 8, CONNECTION_SETS = 16384, NEAR_SETS = 256 };

/* How many sets one run of bpf/trace_silent.bpf.c goes through, and whose connections it has tell.
 */
enum { SILENT_SETS_OF_RUN = 64 };
enum silent_run {
  RUN_OF_SILENT = 0, /* those that have been silent for a while */
  RUN_OF_GONE = 1,   /* those on interfaces that are gone: no packet of them will come */
};

/* Knobs of every object. */
struct capture_config {
  __u32 capture_length;   /* bytes of each packet, 0 to MAX_CAPTURE_LENGTH; default 128 */
  __u32 aggregation;      /* enum aggregation_level; default medium */
  __u32 report_interval;  /* between two reports of a living connection, ticks; default 5 s */
  __u32 report_flags;     /* TCP flags (byte 13) whose first sight is reported; SYN FIN RST */
  __u32 least_timeout;    /* ticks: no connection_timeouts is shorter; default 10 s */
  __u32 ticks_per_second; /* the running kernel's (CONFIG_HZ); default 250 */
  __u32 netns;            /* inode number of the network namespace that tc is attached in */
  __u32 sampling;         /* one connection of so many is reported; default 1: each */
  __u32 connection_sets;  /* those that are not near; default CONNECTION_SETS */
  __u32 connection_seed;  /* random: who sends packets does not know who shares a set with whom */
  __u8 has_atomics;       /* 1: the kernel has atomic exchange (5.12); default 1 */
  __u8 has_conntrack;     /* 1: it has bpf_skb_ct_lookup (5.18); default 0 */
  __u8 debug_events;      /* 1: also emit debug notifications; default 0 */
  __u8 has_near_sets;     /* 1: connection_sets is a multiple of NEAR_SETS; default 0 */
  __u64 cpu_event_time; /* least mean time between two events of a CPU, parts of a tick; 0: none */
  __u64 source_event_time; /* likewise of one source on a CPU */
};

ABI_SIZE(capture_config, 64); /* one cache line: every packet looks at it */

/* How long a connection without packets is remembered, in milliseconds. */
enum { LEAST_TIMEOUT_MS = 10000 };
struct connection_timeouts {
  __u32 tcp_syn;         /* one way only */
  __u32 tcp_established; /* both ways */
  __u32 tcp_closing;     /* FIN seen */
  __u32 tcp_reset;       /* RST seen; the shortest of all */
  __u32 udp;
  __u32 udp_answered;
  __u32 icmp;
  __u32 other;
};
ABI_SIZE(connection_timeouts, 32);

/* What the tc programs do on an interface. Rows of low ifindexes stand in the array
 * `low_interfaces`, where zero is no row; others in the hash `interfaces`, keyed by ifindex. */
enum { LOW_INTERFACES = 4096, HIGH_INTERFACES = 65536 };

/* interface_config.flags. */
enum interface_flag {
  INTERFACE_KNOWN = 1 << 0,       /* this is a row */
  INTERFACE_IS_POD = 1 << 1,      /* all that crosses it is one source to the limits */
  INTERFACE_SHOWS_OUTER = 1 << 2, /* the outer headers of a tunnel may stand before its packets */
  INTERFACE_IS_GONE = 1 << 3,     /* its connections may still have something to tell */
};

struct interface_config {
  __u8 ingress_point; /* enum trace_point; TRACE_SILENT: do not report */
  __u8 egress_point;
  __u8 l3_device; /* 1: packets have no Ethernet header */
  __u8 flags;     /* enum interface_flag */
};
ABI_SIZE(interface_config, 4);

/* Where fields stand in structures of the running kernel, in bytes; 0: unknown. Not relocated by
 * libbpf: that would cost a kernel without BTF the whole program. */
struct kernel_layout {
  __u32 skb_head; /* struct sk_buff */
  __u32 skb_data;
  __u32 skb_network_header;
  __u32 skb_nfct;     /* _nfct: the packet's connection in conntrack */
  __u32 skc_listener; /* struct sock_common; this one of a request_sock */
  __u32 skc_cookie;
  __u32 tcp_fastopen_rsk; /* struct tcp_sock: the request that it answers */
};
ABI_SIZE(kernel_layout, 28);

/* Who causes an event, as far as limits tell sources apart: a pod by its interface, a peer by its
 * address, a process by its cgroup. Unused fields are zero. */
struct event_source {
  __u32 netns;
  __u32 ifindex;
  union {
    __u8 address[16];
    __u64 cgroup_id;
  };
};
ABI_SIZE(event_source, 24);

/* Drops of a source are limited apart: its row has this bit in `ifindex`. */
#define SOURCE_OF_DROPS 0x80000000u

/* Token buckets of the sources that a CPU's limits remember: a source has its bucket in the set
 * that its number chooses. */
enum { SOURCES_OF_SET = 4, SOURCE_SETS = 1024 };
struct source_set {
  __u64 source[SOURCES_OF_SET]; /* number of it; 0: free */
  __u64 due[SOURCES_OF_SET];    /* when the next token falls due */
};
ABI_SIZE(source_set, 64);

/* The token bucket of a CPU: a cache line, so that no two CPUs share one. */
struct cpu_limit {
  __u64 due; /* likewise */
  __u64 pad[7];
};
ABI_SIZE(cpu_limit, 64);

/* How much of its rate a source may use at once after a pause, in milliseconds. Limits count time
 * in parts of a tick, so many bits of them. */
enum { LIMIT_BURST_MS = 100, TICK_PART_BITS = 24 };

/* As many events as a drop takes of its source's rate: in a flood one is like the other. */
enum { DROP_WEIGHT = 10 };

/* Which packets were not dropped but done with when they are freed for a kernel reason. */
enum drop_ignore {
  IGNORE_NO_PACKET = 0,
  IGNORE_ALL = 1,
  IGNORE_EMPTY_SEGMENT = 2, /* TCP's, when it has neither data nor SYN nor FIN */
};

/* What packet_drop makes of a kernel reason. */
struct drop_rule {
  __u8 ignore;   /* enum drop_ignore */
  __u8 reason;   /* Hubble DropReason; 0: none is near */
  __u8 is_input; /* 1: happens before the stack notes on the packet where it came in */
  __u8 has_hook; /* 1: happens in a hook of netfilter */
};
ABI_SIZE(drop_rule, 4);

/* The rules of packet_drop, one for each of the running kernel's reasons: those of the core, then
 * those of each subsystem. */
enum {
  CORE_DROP_RULES = 256,
  DROP_SUBSYSTEMS = 4, /* beside the core, which is subsystem 0 */
  SUBSYSTEM_DROP_RULES = 64,
  DROP_RULES = CORE_DROP_RULES + DROP_SUBSYSTEMS * SUBSYSTEM_DROP_RULES,
};

/* The index of the rule for a skb_drop_reason: the subsystem stands in its upper half
 * (include/net/dropreason.h, since 6.4). DROP_RULES when there is none: such a drop is reported as
 * UNMAPPED_DROP. */
static inline __u32 drop_rule_index(__u32 kernel_reason) {
  __u32 subsystem = kernel_reason >> 16;
  __u32 number = kernel_reason & 0xffff;

  if (subsystem == 0) return number < CORE_DROP_RULES ? number : (__u32)DROP_RULES;
  if (subsystem > DROP_SUBSYSTEMS || number >= SUBSYSTEM_DROP_RULES) return DROP_RULES;
  return CORE_DROP_RULES + (subsystem - 1) * SUBSYSTEM_DROP_RULES + number;
}

/* A range of kernel code; empty when unknown. */
struct code_range {
  __u64 begin;
  __u64 end; /* first address behind it */
};
ABI_SIZE(code_range, 16);

/* Some reasons mean something else when it is this code that frees the packet. */
enum { DROP_EXCEPTIONS = 24 };
struct drop_exception {
  struct code_range code;
  __u32 kernel_reason; /* enum skb_drop_reason of the running kernel */
  struct drop_rule rule;
};
ABI_SIZE(drop_exception, 24);

/* The kernel functions that run the chains of a hook: what called them tells which hook it is. */
enum { HOOK_RUNNERS = 2 };

#endif /* ALIDADE_BPF_CONFIG_H */
