/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Connection state: is this packet new, established or a reply, and is it worth a report?
 *
 * One entry per connection and interface, since every interface that a packet crosses reports for
 * itself. Both directions share the entry, and the entry remembers which of the two ends spoke
 * first.
 *
 * Packets of one connection may be handled by several CPUs at once. What a report must not get
 * wrong, the counters and who reports an interval, is atomic; other fields race only into a report
 * too many.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_H
#define ALIDADE_BPF_LIB_CONNECTION_H

#include "bpf/lib/connection_table.h"
#include "bpf/lib/packet_direct.h"

/* What connection state says of one packet. */
struct sighting {
  __u32 now;        /* ticks */
  __u32 timeout_ms; /* of a connection that was known, when debug events ask for it */
  __u32 set;        /* where the entry stands: index of the set, slot in it */
  __u8 reason;      /* enum trace_reason */
  bool is_tracked;  /* there is an entry for its connection */
  __u8 way;         /* index of the packet's way */
  bool by_interval; /* worth a report only because the interval is over */
  bool created;     /* the entry was made for this packet */
  __u8 slot;
  __u8 pad[2];
};

/* What a report tells of a connection since its previous report, this packet included. */
struct connection_counts {
  __u64 packets; /* the packet's way */
  __u64 bytes;
  __u64 reverse_packets; /* the other way */
  __u64 reverse_bytes;
};

/* An echo between a host and itself has equal ends: only the type tells request from reply. */
static __always_inline bool is_echo_reply(const struct packet *packet) {
  return packet->protocol == PROTO_ICMP     ? packet->icmp_type == 0
         : packet->protocol == PROTO_ICMPV6 ? packet->icmp_type == 129
                                            : false;
}

/* Who spoke first, judged by the first packet we see of a connection. */
static __always_inline __u8 judge_speaker(const struct packet *packet, __u8 way) {
  __u8 sender = SPEAKER_LOW + way;
  __u8 receiver = SPEAKER_HIGH - way;

  if (packet->protocol == PROTO_TCP) {
    if (!(packet->tcp_flags & TCP_SYN)) return SPEAKER_UNKNOWN;
    return packet->tcp_flags & TCP_ACK ? receiver : sender;
  }
  return is_echo_reply(packet) ? receiver : sender;
}

/* Whether nothing is to be said of a packet of `connection`: then it is counted, and that is all.
 * That is nearly every packet. What is not so simple is left to connection_see, uncounted. */
static __always_inline bool connection_pass(const struct connection *connection, __u8 tcp_flags,
                                            __u32 index, __u32 bytes) {
  struct connection_way *way = connection_way_of(connection, index);
  __u8 own = state_of(connection, index), other = state_of(connection, index ^ 1);
  __u32 now = ticks_now();

  if (config.aggregation < AGGREGATION_MEDIUM || config.debug_events) return false;
  __u8 noted = TCP_FIN | TCP_RST; /* the state of the connection changes */
  if (config.aggregation < AGGREGATION_MAXIMUM)
    noted |= config.report_flags & ~*flags_reported_of(connection, index);
  if (tcp_flags & noted) return false;
  if (!(own & WAY_SEEN) || (other & WAY_CLOSED) || ((own | other) & WAY_RESET)) return false;
  if (ticks_since(way->last_seen, now) > config.least_timeout) return false;
  if (ticks_since(way->last_report, now) >= config.report_interval) return false;
  if (way->counters & COUNTERS_NEARLY_FULL) return false;
  if (way->last_seen != now) way->last_seen = now;
  __sync_fetch_and_add(&way->counters, COUNTERS_ONE_PACKET + bytes);
  return true;
}

/* connection_pass for a packet that was read in place: no more of it is looked at than that takes.
 * `ipv6` is what it says of itself, for the compiler to know. */
static __always_inline bool connection_pass_plain(const struct plain_packet *plain, bool ipv6,
                                                  __u32 ifindex, __u32 bytes) {
  struct connection_key key = {
      .kind = connection_kind(ifindex, plain->protocol, ipv6, plain->vlan),
      .ports = *(__u32 *)plain->l4,
  };
  const __u64 *addresses = ipv6 ? (void *)((struct plain_ipv6 *)plain->ip)->source
                                : (void *)&((struct plain_ipv4 *)plain->ip)->source;

  key.addresses[0] = addresses[0];
  if (ipv6) {
    key.addresses[1] = addresses[1];
    key.addresses[2] = addresses[2];
    key.addresses[3] = addresses[3];
  }
  struct connection_place place = connection_place_of(&key);
  struct connection connection = connection_find_first(&key, &place);
  return connection.set && connection_pass(&connection, plain->tcp_flags, place.way, bytes);
}

/* Whether the packet is reported whatever the interval says: a flag that was not reported yet, or
 * the packet that ends the connection (the last ACK, or an RST), so that the counts add up. */
static __always_inline bool is_remarkable(const struct connection *connection, __u32 way,
                                          const struct packet *packet) {
  if (config.aggregation < AGGREGATION_MEDIUM) return true;
  if (connection_way_of(connection, way)->counters & COUNTERS_NEARLY_FULL) return true;
  if (packet->protocol != PROTO_TCP) return false;
  if (config.aggregation < AGGREGATION_MAXIMUM &&
      (packet->tcp_flags & config.report_flags & ~*flags_reported_of(connection, way)))
    return true;
  return is_over(connection) && !is_any(connection, WAY_END_REPORTED);
}

/* Counts `packet`, which has `bytes` as the device counts them, and fills the zeroed `sighting`.
 * Returns whether it is worth a report. */
static __always_inline bool connection_see(const struct packet *packet, __u32 ifindex, bool egress,
                                           __u32 bytes, struct sighting *sighting) {
  __u32 now = ticks_now();
  struct connection_key key = connection_key_of(packet, ifindex);
  struct connection_place place = connection_place_of(&key);
  __u32 index = place.way;
  __u8 speaker = judge_speaker(packet, index);
  bool first = false;

  struct connection connection = connection_find(&key, &place);
  bool is_known = connection.set;
  if (!is_known) connection = connection_add(&key, &place, speaker, now, &first);
  if (!connection.set) return true;
  note_icmp(&connection, index, packet);
  if (is_known && connection_pass(&connection, packet->tcp_flags, index, bytes)) return false;

  struct connection_way *way = connection_way_of(&connection, index);
  sighting->now = now;
  sighting->way = index;
  sighting->set = connection.set_index;
  sighting->slot = connection.slot;
  if (!first &&
      (is_reopened(&connection, packet) || is_expired(&connection, packet->protocol, now))) {
    begin(&connection, speaker, now);
    first = true;
  }

  sighting->is_tracked = true;
  sighting->created = first;
  note_tcp(&connection, index, packet);
  if (way->last_seen != now) way->last_seen = now;
  add_state(&connection, index, WAY_SEEN | (egress ? WAY_EGRESS : 0));
  touch(&connection, now);
  __sync_fetch_and_add(&way->counters, COUNTERS_ONE_PACKET + bytes);

  bool remarkable = is_remarkable(&connection, index, packet);
  sighting->by_interval =
      !remarkable && ticks_since(way->last_report, now) >= config.report_interval;
  __u8 first_speaker = connection.set->speaker[SLOT(&connection)];
  if (first_speaker != SPEAKER_UNKNOWN) {
    bool is_reply = is_echo_reply(packet) || first_speaker != SPEAKER_LOW + index;
    sighting->reason = is_reply ? TRACE_REASON_REPLY
                       : first  ? TRACE_REASON_NEW
                                : TRACE_REASON_ESTABLISHED;
  }
  if (config.debug_events) sighting->timeout_ms = timeout_of(&connection, packet->protocol);
  return remarkable || sighting->by_interval;
}

/* Sets the counters to zero and returns what they held; exact when the kernel has atomic exchange.
 * Those of the other way stand in a line that may be another CPU's: it is not taken from it for
 * nothing. */
static __always_inline __u64 take(__u64 *counters) {
  if (!*(volatile __u64 *)counters) return 0;
  if (config.has_atomics) return __sync_lock_test_and_set(counters, 0);
  return take_plain(counters);
}

/* Takes the counts of the report that `sighting` is due. False when another CPU has just made it:
 * of several that find the interval over, one reports. */
static __always_inline bool connection_report(const struct connection *connection,
                                              const struct sighting *sighting,
                                              const struct packet *packet,
                                              struct connection_counts *counts) {
  __u32 index = sighting->way;
  struct connection_way *way = connection_way_of(connection, index);
  struct connection_way *other = connection_way_of(connection, index ^ 1);
  __u64 taken;

  __u32 last = way->last_report;
  if (sighting->by_interval && config.has_atomics) {
    if (ticks_since(last, sighting->now) < config.report_interval ||
        __sync_val_compare_and_swap(&way->last_report, last, sighting->now) != last)
      return false;
  } else {
    way->last_report = sighting->now;
  }
  *flags_reported_of(connection, index) |= packet->tcp_flags;
  if (is_over(connection)) add_state(connection, index, WAY_END_REPORTED);
  taken = take(&way->counters);
  counts->packets = taken >> COUNTER_BYTES_BITS;
  counts->bytes = taken & COUNTER_BYTES_MASK;
  taken = take(&other->counters);
  counts->reverse_packets = taken >> COUNTER_BYTES_BITS;
  counts->reverse_bytes = taken & COUNTER_BYTES_MASK;
  return true;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_H */
