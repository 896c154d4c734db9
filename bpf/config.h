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

/* Knobs of every object. */
struct capture_config {
  __u32 capture_length;     /* bytes of each packet, 0 to MAX_CAPTURE_LENGTH; default 128 */
  __u32 aggregation;        /* enum aggregation_level; default medium */
  __u64 report_interval_ns; /* between two reports of a living connection; default 5 s */
  __u32 report_flags;       /* TCP flags (byte 13) whose first sight is reported; SYN FIN RST */
  __u32 netns;              /* inode number of the network namespace that tc is attached in */
  __u32 has_atomics;        /* 1: the kernel has atomic exchange (5.12); default 1 */
  __u32 debug_events;       /* 1: also emit debug notifications; default 0 */
};

/* Row of the map `interfaces`, keyed by ifindex: what the tc programs do there. */
struct interface_config {
  __u8 ingress_point; /* enum trace_point; TRACE_SILENT: do not report */
  __u8 egress_point;
  __u8 l3_device; /* 1: packets have no Ethernet header */
  __u8 pad;
};
ABI_SIZE(interface_config, 4);

/* Longest packet part of a drop: it is copied through the program's 512-byte stack. */
enum { MAX_DROP_CAPTURE = 192 };

/* What packet_drop makes of a kernel reason. */
struct drop_rule {
  __u8 ignore;   /* 1: freeing a packet for this reason is not a drop */
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
enum { DROP_EXCEPTIONS = 20 };
struct drop_exception {
  struct code_range code;
  __u32 kernel_reason; /* enum skb_drop_reason of the running kernel */
  struct drop_rule rule;
};
ABI_SIZE(drop_exception, 24);

/* The kernel functions that run the chains of a hook: what called them tells which hook it is. */
enum { HOOK_RUNNERS = 2 };

#endif /* ALIDADE_BPF_CONFIG_H */
