/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What connection tracking made of a packet, as the debug notifications that Cilium's programs emit
 * in its place. Switched on by config.debug_events; otherwise the verifier removes all of it.
 */
#ifndef ALIDADE_BPF_LIB_DEBUG_H
#define ALIDADE_BPF_LIB_DEBUG_H

#include "bpf/lib/connection.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/packet.h"

/* Cilium's numbers for the direction and scope of a lookup; an entry of ours serves both ways. */
enum { DEBUG_EGRESS = 0, DEBUG_INGRESS = 1, DEBUG_SCOPE_BOTH = 2 };

static __always_inline void debug_message(struct __sk_buff *skb, struct hook_count *count,
                                          __u8 subtype, __u32 arg1, __u32 arg2, __u32 arg3) {
  struct debug_notify record = {
      .type = NOTIFY_DEBUG,
      .subtype = subtype,
      .hash = skb->hash,
      .arg1 = arg1,
      .arg2 = arg2,
      .arg3 = arg3,
  };
  emit(count, &record, sizeof(record));
}

/* The last four bytes of an address; an IPv4 one has no others. */
static __always_inline __u32 debug_address(const __u8 *address, bool ipv6) {
  __u32 word;

  __builtin_memcpy(&word, address + (ipv6 ? 12 : 0), sizeof(word));
  return word;
}

/* Tells which entry was looked up, whether it was there, and the verdict. */
static __always_inline void debug_connection(struct __sk_buff *skb, struct hook_count *count,
                                             const struct packet *packet, bool egress,
                                             const struct sighting *sighting) {
  if (!config.debug_events) return;

  bool v6 = packet->ipv6;
  if (sighting->is_tracked) {
    __u32 ports = (__u32)bpf_ntohs(packet->destination_port) << 16 | bpf_ntohs(packet->source_port);
    debug_message(skb, count, v6 ? DEBUG_CT_LOOKUP6_1 : DEBUG_CT_LOOKUP4_1,
                  debug_address(packet->source, v6), debug_address(packet->destination, v6), ports);
    debug_message(skb, count, v6 ? DEBUG_CT_LOOKUP6_2 : DEBUG_CT_LOOKUP4_2,
                  (__u32)packet->protocol << 8, egress ? DEBUG_EGRESS : DEBUG_INGRESS,
                  DEBUG_SCOPE_BOTH);
  }
  if (sighting->is_tracked && !sighting->created)
    debug_message(skb, count, DEBUG_CT_MATCH, sighting->timeout_ms / 1000, 0, 0);
  if (sighting->created)
    debug_message(skb, count, v6 ? DEBUG_CT_CREATED6 : DEBUG_CT_CREATED4, 0, 0, 0);
  /* The states of a connection have the numbers of the trace reasons. */
  if (sighting->reason != TRACE_REASON_UNKNOWN)
    debug_message(skb, count, DEBUG_CT_VERDICT, sighting->reason, 0, 0);
}

#endif /* ALIDADE_BPF_LIB_DEBUG_H */
