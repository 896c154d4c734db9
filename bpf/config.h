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
  __u32 pad;
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
  __u8 pad;
};
ABI_SIZE(drop_rule, 4);

/* The rules of packet_drop: the index is the running kernel's skb_drop_reason. Larger numbers, and
 * those of subsystems, are reported as UNMAPPED_DROP. */
enum { DROP_RULES = 512 };

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

#endif /* ALIDADE_BPF_CONFIG_H */
