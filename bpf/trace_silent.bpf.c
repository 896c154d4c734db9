/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * trace_silent: tells what connections that have fallen silent had not told yet.
 *
 * An aggregated packet is told by the next report of its connection. When none comes (a datagram
 * flow has no end, a TCP connection may rest for days), nobody would ever hear of it. So the table
 * is gone through again and again, and a connection that has been silent for two intervals, or has
 * expired, and has something left to tell is reported: as a trace notification with the counts, and
 * with headers that name the connection in the place of a packet. Connections on an interface that
 * is gone do not have to wait.
 *
 * Attached nowhere: user space runs it for some sets of the table at a time (BPF_PROG_TEST_RUN),
 * which every kernel can and which costs the packets nothing. Where no packet is, no capture is, so
 * what is told has neither Ethernet addresses nor TCP flags, and of several ICMP types the last.
 *
 * One object for all kernels: it takes no pointers in functions and needs no atomic exchange.
 */
#define ALIDADE_PLAIN_KERNEL
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/connection_table.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/interface.h"
#include "bpf/lib/limit.h"
#include "bpf/lib/protocols.h"

struct silent_record {
  struct event_frame frame;
  struct trace_notify notify;
  struct trace_ext ext;
  __u8 headers[IPV6_HEADER + TCP_HEADER];
};

/* What is told of one connection: by which way, and which of the two it is. */
struct silent {
  struct connection_key key; /* of that way */
  __u32 way;
  bool is_reply;
  bool is_known; /* who spoke first */
};

static __always_inline __u64 untold(const struct connection *connection) {
  return connection_way_of(connection, 0)->counters | connection_way_of(connection, 1)->counters;
}

static __always_inline bool is_silent(const struct connection *connection, __u8 protocol,
                                      __u32 now) {
  return quiet_ticks(connection, now) / 2 >= config.report_interval ||
         is_expired(connection, protocol, now);
}

/* Whether it is one of those that tell in this run, an enum silent_run. */
static __always_inline bool is_due(const struct connection *connection, __u32 now, __u32 run) {
  __u64 kind = key_in(connection->set, SLOT(connection), 0)->kind;

  if (run != RUN_OF_GONE) return is_silent(connection, kind_protocol(kind), now);
  const struct interface_config *interface = interface_of(kind);
  return interface && interface->flags & INTERFACE_IS_GONE;
}

/* Writes the first fields of what follows the IP header; returns how many bytes that has. */
static __always_inline __u32 fill_l4(__u8 *to, const struct silent *silent) {
  __u32 ports = silent->key.ports;

  switch (kind_protocol(silent->key.kind)) {
    case PROTO_TCP:
      __builtin_memcpy(to, &ports, sizeof(ports));
      to[12] = TCP_HEADER / 4 << 4;
      return TCP_HEADER;
    case PROTO_UDP:
      __builtin_memcpy(to, &ports, sizeof(ports));
      to[5] = UDP_HEADER;
      return UDP_HEADER;
    case PROTO_SCTP:
      __builtin_memcpy(to, &ports, sizeof(ports));
      return SCTP_HEADER;
    case PROTO_ICMP:
    case PROTO_ICMPV6:
      to[0] = silent->key.icmp_type;
      __builtin_memcpy(to + 4, &ports, sizeof(__be16)); /* an echo's identifier */
      return ICMP_HEADER;
    default:
      return 0;
  }
}

/* Headers as a packet of the connection would have them; returns how many bytes. */
static __always_inline __u32 fill_headers(__u8 *to, const struct silent *silent) {
  __builtin_memset(to, 0, IPV6_HEADER + TCP_HEADER);
  if (is_kind_ipv6(silent->key.kind)) {
    __u32 bytes = fill_l4(to + IPV6_HEADER, silent);
    to[0] = 6 << 4;
    to[5] = bytes;
    to[6] = kind_protocol(silent->key.kind);
    __builtin_memcpy(to + 8, silent->key.addresses, 32);
    return IPV6_HEADER + bytes;
  }
  __u32 bytes = IPV4_HEADER + fill_l4(to + IPV4_HEADER, silent);
  to[0] = 4 << 4 | IPV4_HEADER / 4;
  to[3] = bytes;
  to[9] = kind_protocol(silent->key.kind);
  __builtin_memcpy(to + 12, silent->key.addresses, 8);
  return bytes;
}

/* Takes the counts of the connection, as far as it still stands in its slot. */
static __always_inline bool take_counts(const struct connection *connection,
                                        const struct silent *silent, __u32 now,
                                        struct trace_ext *ext) {
  struct connection_place place = connection_place_of(&silent->key);
  struct connection_lock *lock = connection_lock_of(&place);
  struct connection_way *way = connection_way_of(connection, silent->way);
  struct connection_way *other = connection_way_of(connection, silent->way ^ 1);
  __u64 there = 0, back = 0;

  if (!lock) return false; /* for the verifier: cannot happen */
  bpf_spin_lock(&lock->lock);
  if (connection->set->tags[SLOT(connection)] == place.tag &&
      is_same_key(&way->key, &silent->key)) {
    there = take_plain(&way->counters);
    back = take_plain(&other->counters);
    way->last_report = now;
  }
  bpf_spin_unlock(&lock->lock);
  ext->packets = there >> COUNTER_BYTES_BITS;
  ext->bytes = there & COUNTER_BYTES_MASK;
  ext->reverse_packets = back >> COUNTER_BYTES_BITS;
  ext->reverse_bytes = back & COUNTER_BYTES_MASK;
  return there | back;
}

/* The way that has something to tell; if both have, the one that was heard of last. */
static __always_inline __u32 way_to_tell(const struct connection *connection, __u32 now) {
  const struct connection_way *low = connection_way_of(connection, 0);
  const struct connection_way *high = connection_way_of(connection, 1);

  if (!low->counters || !high->counters) return !low->counters;
  return ticks_since(high->last_seen, now) < ticks_since(low->last_seen, now);
}

/* Reports one connection, if there is an interface and room for it. Returns how many. */
__noinline int tell(__u32 set_index, __u32 slot, __u32 now) {
  struct hook_count *count = hook_count_of(HOOK_TRACE_SILENT);
  struct connection connection = {
      .set = connection_set_at(set_index), .set_index = set_index, .slot = slot};
  if (!count || !connection.set) return 0;

  struct silent silent = {.way = way_to_tell(&connection, now)};
  silent.key = *key_in(connection.set, SLOT(&connection), silent.way);
  __u8 speaker = connection.set->speaker[SLOT(&connection)];
  silent.is_known = speaker != SPEAKER_UNKNOWN;
  silent.is_reply = silent.is_known && speaker != SPEAKER_LOW + silent.way;
  __u8 protocol = kind_protocol(silent.key.kind);
  if (is_icmp_protocol(protocol) && !silent.key.icmp_type) return 0; /* later fragments alone */

  __u32 ifindex = silent.key.kind;
  const struct interface_config *interface = interface_of(ifindex);
  if (!interface) return 0;
  bool egress = state_of(&connection, silent.way) & WAY_EGRESS;
  __u8 point = egress ? interface->egress_point : interface->ingress_point;
  bool ipv6 = is_kind_ipv6(silent.key.kind);
  if (point == TRACE_SILENT) return 0;

  struct event_source source =
      source_of_packet(interface->flags & INTERFACE_IS_POD, ifindex, silent.key.addresses);
  if (!within_limits(count, &source)) return 0;

  enum { BYTES = sizeof(struct silent_record) - sizeof(struct event_frame) };
  struct silent_record *record = (void *)event_begin(count, BYTES);
  if (!record) return 0;
  struct trace_ext ext = {
      .netns = config.netns,
      .flags = TRACE_EXT_COUNTS_ONLY | (egress ? TRACE_EXT_EGRESS : 0),
      .vlan = silent.key.kind >> 48,
  };
  if (!take_counts(&connection, &silent, now, &ext)) {
    bpf_ringbuf_discard(record, record->frame.wake_up);
    return 0;
  }
  __u32 captured = fill_headers(record->headers, &silent);
  record->ext = ext;
  record->notify = (struct trace_notify){
      .header =
          {
              .type = NOTIFY_TRACE,
              .subtype = point,
              .len_cap = captured,
              .version = TRACE_NOTIFY_VERSION,
              .ext_version = EXT_V1,
          },
      .reason = !silent.is_known  ? TRACE_REASON_UNKNOWN
                : silent.is_reply ? TRACE_REASON_REPLY
                                  : TRACE_REASON_ESTABLISHED,
      .flags = NOTIFY_FLAG_L3_DEVICE | (ipv6 ? NOTIFY_FLAG_IPV6 : 0),
      .ifindex = ifindex,
  };
  event_end(count, &record->frame, sizeof(record->notify) + sizeof(record->ext) + captured);
  return 1;
}

/* Goes through one set. Returns how many of its connections were reported. */
__noinline int tell_set(__u32 set_index, __u32 now, __u32 run) {
  struct connection connection = {.set = connection_set_at(set_index), .set_index = set_index};
  int told = 0;

  if (!connection.set || !*(const volatile __u64 *)connection.set->tags) return 0;
#pragma clang loop unroll(disable)
  for (__u32 slot = 0; slot < CONNECTIONS_OF_SET; slot++) {
    connection.slot = slot;
    barrier_var(connection.slot); /* so that each use of it is seen to be within bounds */
    if (!connection.set->tags[SLOT(&connection)] || !untold(&connection)) continue;
    if (is_due(&connection, now, run)) told += tell(set_index, connection.slot, now);
  }
  return told;
}

/* Goes through SILENT_SETS_OF_RUN sets, from the one on whose index skb->mark names; skb->cb[0] is
 * the enum silent_run. */
SEC("tc")
int alidade_silent(struct __sk_buff *skb) {
  struct hook_count *count = hook_count_of(HOOK_TRACE_SILENT);
  __u32 first = skb->mark, run = skb->cb[0], now = ticks_now();
  int told = 0;

  if (!count) return 0;
  count->seen++;
#pragma clang loop unroll(disable)
  for (__u32 i = 0; i < SILENT_SETS_OF_RUN; i++) told += tell_set(first + i, now, run);
  if (!told) count->ignored++;
  return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
