/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What is remembered of one connection, and when it is over or forgotten.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_STATE_H
#define ALIDADE_BPF_LIB_CONNECTION_STATE_H

#include "bpf/lib/clock.h"
#include "bpf/lib/packet.h"

enum first_speaker {
  SPEAKER_UNKNOWN = 0, /* first seen in its middle: never guessed */
  SPEAKER_LOW = 1,
  SPEAKER_HIGH = 2,
};

/* Packets and bytes since the last report in one word, so that one atomic operation counts both and
 * one takes both: 24 bits of packets above 40 bits of bytes. A report is due before either is full
 * (8 million packets, 512 GiB). */
enum { COUNTER_BYTES_BITS = 40 };
#define COUNTER_BYTES_MASK ((1ULL << COUNTER_BYTES_BITS) - 1)
#define COUNTERS_ONE_PACKET (1ULL << COUNTER_BYTES_BITS)
#define COUNTERS_NEARLY_FULL ((1ULL << 63) | (1ULL << (COUNTER_BYTES_BITS - 1)))

/* One way of a connection. Times are ticks (bpf/lib/clock.h). */
struct connection_way {
  __u64 counters;
  __u32 last_seen;     /* or when the entry was made */
  __u32 last_report;   /* or one interval before the entry was made */
  __u8 flags_reported; /* TCP flags that were reported since the connection began */
  __u8 seen;           /* 1: a packet has come this way */
  __u8 closed;         /* 1: FIN seen this way */
  __u8 fin_acked;      /* 1: and acknowledged by the other end */
  __u32 fin_end;       /* sequence number behind the FIN */
};

struct connection {
  struct connection_way way[2]; /* 0: low to high */
  __u8 speaker;                 /* enum first_speaker */
  __u8 reset;                   /* 1: RST seen, either way */
  __u8 end_reported;            /* 1: the packet that ended it was reported */
  __u8 untranslated;            /* 1: conntrack was asked, and does not translate it */
  __u8 pad[4];
};

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

/* In milliseconds. */
static __always_inline __u32 timeout_of(const struct connection *connection, __u8 protocol) {
  bool answered = connection->way[0].seen && connection->way[1].seen;

  switch (protocol) {
    case PROTO_TCP:
      if (connection->reset) return timeouts.tcp_reset;
      if (connection->way[0].closed || connection->way[1].closed) return timeouts.tcp_closing;
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

/* A way that was quiet may belong to a connection that was not. */
static __always_inline bool is_expired(const struct connection *connection, __u8 protocol,
                                       __u32 now) {
  __u32 quiet = ticks_since(connection->way[0].last_seen, now);
  __u32 other = ticks_since(connection->way[1].last_seen, now);

  if (other < quiet) quiet = other;
  return quiet > ticks_of(timeout_of(connection, protocol));
}

static __always_inline bool is_closed(const struct connection *connection) {
  return connection->reset || (connection->way[0].closed && connection->way[1].closed);
}

/* Nothing follows any more: reset, or both FINs are acknowledged. */
static __always_inline bool is_over(const struct connection *connection) {
  return connection->reset || (connection->way[0].fin_acked && connection->way[1].fin_acked);
}

/* A SYN on a closed connection starts a new one with the same ports. */
static __always_inline bool is_reopened(const struct connection *connection,
                                        const struct packet *packet) {
  return (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && is_closed(connection);
}

/* Makes `connection` one that nothing has been seen of; counters that were never reported stay. */
static __always_inline void begin(struct connection *connection, __u8 speaker, __u32 now) {
  __u32 due = now - config.report_interval;

  connection->speaker = speaker;
  connection->reset = 0;
  connection->end_reported = 0;
  connection->untranslated = 0;
#pragma unroll
  for (int i = 0; i < 2; i++) {
    struct connection_way *way = &connection->way[i];
    way->last_seen = now;
    way->last_report = due;
    way->flags_reported = 0;
    way->seen = 0;
    way->closed = 0;
    way->fin_acked = 0;
  }
}

static __always_inline void note_tcp(struct connection *connection, struct connection_way *way,
                                     struct connection_way *other, const struct packet *packet) {
  if (packet->protocol != PROTO_TCP) return;
  if (packet->tcp_flags & TCP_RST) connection->reset = 1;
  if (packet->tcp_flags & TCP_FIN) {
    way->closed = 1;
    way->fin_end = packet->tcp_end;
  }
  if (other->closed && (packet->tcp_flags & TCP_ACK) &&
      (__s32)(packet->tcp_ack - other->fin_end) >= 0)
    other->fin_acked = 1;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_STATE_H */
