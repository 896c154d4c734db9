/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Connection state: is this packet new, established or a reply, and is it worth a report?
 *
 * One entry per connection and interface, since every interface that a packet crosses reports for
 * itself. Both directions share the entry (bpf/lib/connection_key.h), and the entry remembers which
 * of the two ends spoke first. The maps are LRUs, so that a flood of new connections costs old
 * state (a later packet reads as "unknown"), never memory.
 *
 * Packets of one connection may be handled by several CPUs at once. What a report must not get
 * wrong, the counters and who reports an interval, is atomic; other fields race only into a report
 * too many.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_H
#define ALIDADE_BPF_LIB_CONNECTION_H

#include "bpf/lib/connection_key.h"
#include "bpf/lib/connection_state.h"

enum { MAX_CONNECTIONS = 65536 }; /* default; user space sets it before loading */

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, MAX_CONNECTIONS);
  __type(key, struct connection_key4);
  __type(value, struct connection);
} connections4 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, MAX_CONNECTIONS);
  __type(key, struct connection_key6);
  __type(value, struct connection);
} connections6 SEC(".maps");

/* What connection state says of one packet. */
struct sighting {
  __u32 now;        /* ticks */
  __u32 timeout_ms; /* of a connection that was known, when debug events ask for it */
  __u8 reason;      /* enum trace_reason */
  bool is_tracked;  /* there is an entry for its connection */
  __u8 way;         /* index of the packet's way */
  bool by_interval; /* worth a report only because the interval is over */
  bool created;     /* the entry was made for this packet */
  __u8 pad[3];
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
static __always_inline __u8 judge_speaker(const struct packet *packet, bool low_to_high) {
  __u8 sender = low_to_high ? SPEAKER_LOW : SPEAKER_HIGH;
  __u8 receiver = low_to_high ? SPEAKER_HIGH : SPEAKER_LOW;

  if (packet->protocol == PROTO_TCP) {
    if (!(packet->tcp_flags & TCP_SYN)) return SPEAKER_UNKNOWN;
    return packet->tcp_flags & TCP_ACK ? receiver : sender;
  }
  return is_echo_reply(packet) ? receiver : sender;
}

/* NULL when `packet` is the first of its connection on this interface. */
static __always_inline struct connection *connection_find(const struct packet *packet,
                                                          __u32 ifindex, bool low_to_high) {
  if (packet->ipv6) {
    struct connection_key6 key = connection_key6_of(packet, ifindex, low_to_high);
    return bpf_map_lookup_elem(&connections6, &key);
  }
  struct connection_key4 key = connection_key4_of(packet, ifindex, low_to_high);
  return bpf_map_lookup_elem(&connections4, &key);
}

/* Whether nothing is to be said of a packet of `connection`: then it is counted, and that is all.
 * That is nearly every packet. What is not so simple is left to connection_see, uncounted. */
static __always_inline bool connection_pass(struct connection *connection,
                                            const struct packet *packet, bool low_to_high,
                                            __u32 bytes) {
  struct connection_way *way = &connection->way[0], *other = &connection->way[1];
  __u32 now = ticks_now();

  if (config.aggregation < AGGREGATION_MEDIUM || config.debug_events) return false;
  if (!low_to_high) {
    way = &connection->way[1];
    other = &connection->way[0];
  }
  __u8 noted = TCP_FIN | TCP_RST; /* the state of the connection changes */
  if (config.aggregation < AGGREGATION_MAXIMUM) noted |= config.report_flags & ~way->flags_reported;
  if (packet->tcp_flags & noted) return false;
  if (!way->seen || other->closed || connection->reset) return false;
  if (ticks_since(way->last_seen, now) > config.least_timeout) return false;
  if (ticks_since(way->last_report, now) >= config.report_interval) return false;
  if (way->counters & COUNTERS_NEARLY_FULL) return false;
  if (way->last_seen != now) way->last_seen = now;
  __sync_fetch_and_add(&way->counters, COUNTERS_ONE_PACKET + bytes);
  return true;
}

/* Makes the entry of `packet`; NULL when the map has no memory for it. Another CPU may be quicker:
 * then its entry stays, and `first` is false. */
static __always_inline struct connection *connection_add(const struct packet *packet, __u32 ifindex,
                                                         bool low_to_high, __u8 speaker, __u32 now,
                                                         bool *first) {
  struct connection fresh = {};

  begin(&fresh, speaker, now);
  if (packet->ipv6) {
    struct connection_key6 key = connection_key6_of(packet, ifindex, low_to_high);
    *first = bpf_map_update_elem(&connections6, &key, &fresh, BPF_NOEXIST) == 0;
  } else {
    struct connection_key4 key = connection_key4_of(packet, ifindex, low_to_high);
    *first = bpf_map_update_elem(&connections4, &key, &fresh, BPF_NOEXIST) == 0;
  }
  return connection_find(packet, ifindex, low_to_high);
}

/* Whether the packet is reported whatever the interval says: a flag that was not reported yet, or
 * the packet that ends the connection (the last ACK, or an RST), so that the counts add up. */
static __always_inline bool is_remarkable(struct connection *connection, struct connection_way *way,
                                          const struct packet *packet) {
  if (config.aggregation < AGGREGATION_MEDIUM) return true;
  if (way->counters & COUNTERS_NEARLY_FULL) return true;
  if (packet->protocol != PROTO_TCP) return false;
  if (config.aggregation < AGGREGATION_MAXIMUM &&
      (packet->tcp_flags & config.report_flags & ~way->flags_reported))
    return true;
  return is_over(connection) && !connection->end_reported;
}

/* Counts `packet`, which has `bytes` as the device counts them, and fills the zeroed `sighting`.
 * `connection` is what connection_find says of it. Returns whether it is worth a report. */
static __always_inline bool connection_see(struct connection *connection,
                                           const struct packet *packet, __u32 ifindex, __u32 bytes,
                                           struct sighting *sighting) {
  __u32 now = ticks_now();
  bool low_to_high = goes_low_to_high(packet);
  __u8 speaker = judge_speaker(packet, low_to_high);
  bool first = false;

  if (!connection) connection = connection_add(packet, ifindex, low_to_high, speaker, now, &first);
  if (!connection) return true;

  struct connection_way *way = &connection->way[0], *other = &connection->way[1];
  if (!low_to_high) {
    way = &connection->way[1];
    other = &connection->way[0];
  }
  sighting->now = now;
  sighting->way = !low_to_high;
  if (!first &&
      (is_reopened(connection, packet) || is_expired(connection, packet->protocol, now))) {
    begin(connection, speaker, now);
    first = true;
  }

  sighting->is_tracked = true;
  sighting->created = first;
  note_tcp(connection, way, other, packet);
  if (way->last_seen != now) way->last_seen = now;
  if (!way->seen) way->seen = 1;
  __sync_fetch_and_add(&way->counters, COUNTERS_ONE_PACKET + bytes);

  bool remarkable = is_remarkable(connection, way, packet);
  sighting->by_interval =
      !remarkable && ticks_since(way->last_report, now) >= config.report_interval;
  if (connection->speaker != SPEAKER_UNKNOWN) {
    bool is_reply =
        is_echo_reply(packet) || connection->speaker != (low_to_high ? SPEAKER_LOW : SPEAKER_HIGH);
    sighting->reason = is_reply ? TRACE_REASON_REPLY
                       : first  ? TRACE_REASON_NEW
                                : TRACE_REASON_ESTABLISHED;
  }
  if (config.debug_events) sighting->timeout_ms = timeout_of(connection, packet->protocol);
  return remarkable || sighting->by_interval;
}

/* Sets the counters to zero and returns what they held; exact when the kernel has atomic exchange.
 */
static __always_inline __u64 take(__u64 *counters) {
  if (config.has_atomics) return __sync_lock_test_and_set(counters, 0);
  __u64 value = *counters;
  __sync_fetch_and_add(counters, -value);
  return value;
}

/* Takes the counts of the report that `sighting` is due. False when another CPU has just made it:
 * of several that find the interval over, one reports. */
static __always_inline bool connection_report(struct connection *connection,
                                              const struct sighting *sighting,
                                              const struct packet *packet,
                                              struct connection_counts *counts) {
  __u32 index = sighting->way & 1; /* for the verifier: it has no other */
  struct connection_way *way = &connection->way[index], *other = &connection->way[index ^ 1];
  __u64 taken;

  __u32 last = way->last_report;
  if (sighting->by_interval && config.has_atomics) {
    if (ticks_since(last, sighting->now) < config.report_interval ||
        __sync_val_compare_and_swap(&way->last_report, last, sighting->now) != last)
      return false;
  } else {
    way->last_report = sighting->now;
  }
  way->flags_reported |= packet->tcp_flags;
  if (is_over(connection)) connection->end_reported = 1;
  taken = take(&way->counters);
  counts->packets = taken >> COUNTER_BYTES_BITS;
  counts->bytes = taken & COUNTER_BYTES_MASK;
  taken = take(&other->counters);
  counts->reverse_packets = taken >> COUNTER_BYTES_BITS;
  counts->reverse_bytes = taken & COUNTER_BYTES_MASK;
  return true;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_H */
