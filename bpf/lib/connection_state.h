/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What is remembered of one connection, and when it is over or forgotten.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_STATE_H
#define ALIDADE_BPF_LIB_CONNECTION_STATE_H

#include "bpf/connections.h"
#include "bpf/lib/clock.h"
#include "bpf/lib/connection_key.h"
#include "bpf/lib/packet.h"

/* Packets and bytes since the last report in one word, so that one atomic operation counts both and
 * one takes both: 24 bits of packets above 40 bits of bytes. A report is due before either is full
 * (8 million packets, 512 GiB). */
enum { COUNTER_BYTES_BITS = 40 };
#define COUNTER_BYTES_MASK ((1ULL << COUNTER_BYTES_BITS) - 1)
#define COUNTERS_ONE_PACKET (1ULL << COUNTER_BYTES_BITS)
#define COUNTERS_NEARLY_FULL ((1ULL << 63) | (1ULL << (COUNTER_BYTES_BITS - 1)))

/* Sets the counters to zero and returns what they held; exact when nobody else takes them at the
 * same time. Others may add to them. */
static __always_inline __u64 take_plain(__u64 *counters) {
  __u64 value = *(volatile __u64 *)counters;

  if (value) __sync_fetch_and_add(counters, -value);
  return value;
}

/* A connection of the table. */
struct connection {
  struct connection_set *set; /* NULL: none */
  __u32 set_index;
  __u32 slot;
};

/* The slot, in a way that the verifier sees to be one. */
#define SLOT(connection) ((connection)->slot % CONNECTIONS_OF_SET)

static __always_inline struct connection_way *connection_way_of(const struct connection *connection,
                                                                __u32 way) {
  return &connection->set->way[way % CONNECTION_WAYS][SLOT(connection)];
}

static __always_inline __u8 state_of(const struct connection *connection, __u32 way) {
  return connection->set->state[SLOT(connection)][way % CONNECTION_WAYS];
}

/* TCP flags of that way that were reported since the connection began. */
static __always_inline __u8 *flags_reported_of(const struct connection *connection, __u32 way) {
  return &connection->set->flags_reported[SLOT(connection)][way % CONNECTION_WAYS];
}

/* Writes only what changes: the line is read by every packet. */
static __always_inline void add_state(const struct connection *connection, __u32 way, __u8 added) {
  __u8 *state = &connection->set->state[SLOT(connection)][way % CONNECTION_WAYS];

  if ((*state & added) != added) *state |= added;
}

/* The defaults of the kernel's own conntrack (net/netfilter/nf_conntrack_proto_*.c). */
const volatile struct connection_timeouts timeouts SEC(".rodata.timeouts") = {
    .tcp_syn = 120 * 1000,
    .tcp_established = 432000 * 1000,
    .tcp_closing = 120 * 1000,
    .tcp_reset = LEAST_TIMEOUT_MS,
    .udp = 30 * 1000,
    .udp_answered = 120 * 1000,
    .icmp = 30 * 1000,
    .other = 600 * 1000,
};

/* Of either way. */
static __always_inline bool is_any(const struct connection *connection, enum way_state state) {
  return (state_of(connection, 0) | state_of(connection, 1)) & state;
}

static __always_inline bool is_both(const struct connection *connection, enum way_state state) {
  return state_of(connection, 0) & state_of(connection, 1) & state;
}

/* In milliseconds. */
static __always_inline __u32 timeout_of(const struct connection *connection, __u8 protocol) {
  bool answered = is_both(connection, WAY_SEEN);

  switch (protocol) {
    case PROTO_TCP:
      if (is_any(connection, WAY_RESET)) return timeouts.tcp_reset;
      if (is_any(connection, WAY_CLOSED)) return timeouts.tcp_closing;
      return answered ? timeouts.tcp_established : timeouts.tcp_syn;
    case PROTO_UDP:
      return answered ? timeouts.udp_answered : timeouts.udp;
    case PROTO_ICMP:
    case PROTO_ICMPV6:
      return timeouts.icmp;
    default:
      return timeouts.other;
  }
}

/* Ticks since a packet of either way: one that was quiet may belong to a connection that was not.
 */
static __always_inline __u32 quiet_ticks(const struct connection *connection, __u32 now) {
  __u32 quiet = ticks_since(connection_way_of(connection, 0)->last_seen, now);
  __u32 other = ticks_since(connection_way_of(connection, 1)->last_seen, now);

  return other < quiet ? other : quiet;
}

static __always_inline bool is_expired(const struct connection *connection, __u8 protocol,
                                       __u32 now) {
  return quiet_ticks(connection, now) > ticks_of(timeout_of(connection, protocol));
}

static __always_inline bool is_closed(const struct connection *connection) {
  return is_any(connection, WAY_RESET) || is_both(connection, WAY_CLOSED);
}

/* Nothing follows any more: reset, or both FINs are acknowledged. */
static __always_inline bool is_over(const struct connection *connection) {
  return is_any(connection, WAY_RESET) || is_both(connection, WAY_ACKS_FIN);
}

/* A SYN on a closed connection starts a new one with the same ports. */
static __always_inline bool is_reopened(const struct connection *connection,
                                        const struct packet *packet) {
  return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && is_closed(connection);
}

/* Makes `connection` one that nothing has been seen of; counters that were never reported stay. */
static __always_inline void begin(const struct connection *connection, __u8 speaker, __u32 now) {
  __u32 slot = SLOT(connection);

  connection->set->speaker[slot] = speaker;
#pragma unroll
  for (int i = 0; i < CONNECTION_WAYS; i++) {
    connection->set->state[slot][i] = 0;
    connection->set->flags_reported[slot][i] = 0;
    connection->set->way[i][slot].last_seen = now;
    connection->set->way[i][slot].last_report = now - config.report_interval;
  }
}

static __always_inline void note_tcp(const struct connection *connection, __u32 way,
                                     const struct packet *packet) {
  __u32 other = way ^ 1;

  if (packet->protocol != PROTO_TCP) return;
  if (packet->tcp_flags & TCP_RST) add_state(connection, way, WAY_RESET);
  if (packet->tcp_flags & TCP_FIN) {
    connection_way_of(connection, way)->key.fin_end = packet->tcp_end;
    add_state(connection, way, WAY_CLOSED);
  }
  if ((state_of(connection, other) & WAY_CLOSED) && (packet->tcp_flags & TCP_ACK) &&
      (__s32)(packet->tcp_ack - connection_way_of(connection, other)->key.fin_end) >= 0)
    add_state(connection, way, WAY_ACKS_FIN);
}

/* Later fragments have no header. */
static __always_inline void note_icmp(const struct connection *connection, __u32 way,
                                      const struct packet *packet) {
  if (is_icmp_protocol(packet->protocol) && packet->l4_offset)
    connection_way_of(connection, way)->key.icmp_type = ICMP_TYPE_SEEN | packet->icmp_type;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_STATE_H */
