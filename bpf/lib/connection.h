/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Connection state: is this packet new, established or a reply, and is it worth a report?
 *
 * One entry per connection and interface, since every interface that a packet crosses reports for
 * itself. Both directions share the entry: the key holds the two ends in a fixed order, and the
 * entry remembers which of them spoke first. The map is an LRU, so that a flood of new connections
 * costs old state (a later packet reads as "unknown"), never memory.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_H
#define ALIDADE_BPF_LIB_CONNECTION_H

#include "bpf/lib/clock.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/packet.h"

struct connection_end {
  __u8 address[16];
  __be16 port;
  __u16 pad;
};

struct connection_key {
  struct connection_end low; /* the end that compares lower */
  struct connection_end high;
  __u32 ifindex;
  __u8 protocol;
  __u8 ipv6;
  __u16 vlan; /* networks behind one interface may use the same addresses */
};

enum first_speaker {
  SPEAKER_UNKNOWN = 0, /* first seen in its middle: never guessed */
  SPEAKER_LOW = 1,
  SPEAKER_HIGH = 2,
};

/* One way of a connection. Packets of one way may be handled by several CPUs at once: counters are
 * added and taken atomically, the other fields race only into a report too many. */
struct connection_way {
  __u64 last_report_ns; /* 0: never reported */
  __u64 packets;        /* since the last report */
  __u64 bytes;
  __u32 flags_reported; /* TCP flags that were reported since the connection began */
  __u32 closed;         /* FIN or RST seen this way */
};

struct connection {
  __u64 last_seen_ns;
  __u32 speaker;                /* enum first_speaker */
  __u32 reset;                  /* RST seen, either way */
  struct connection_way way[2]; /* 0: low to high */
};

enum { MAX_CONNECTIONS = 65536 };

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, MAX_CONNECTIONS);
  __type(key, struct connection_key);
  __type(value, struct connection);
} connections SEC(".maps");

enum connection_entry { ENTRY_NONE = 0, ENTRY_FOUND, ENTRY_CREATED };

/* What connection tracking says of one packet; the caller fills in what holds without it. */
struct connection_verdict {
  __u8 reason; /* enum trace_reason */
  __u8 entry;  /* enum connection_entry */
  bool report;
  __u64 packets; /* this way, since its last report, this packet included */
  __u64 bytes;
};

enum {
  SECOND_NS = 1000000000ULL,
  TCP_TIMEOUT_S = 21600,
  OTHER_TIMEOUT_S = 60,
};

/* Compares the two ends as byte strings; true when the packet goes from the lower to the higher. */
static __always_inline bool goes_low_to_high(const struct packet *packet) {
  __u64 source[2], destination[2];

  __builtin_memcpy(source, packet->source, sizeof(source));
  __builtin_memcpy(destination, packet->destination, sizeof(destination));
  if (source[0] != destination[0]) return source[0] < destination[0];
  if (source[1] != destination[1]) return source[1] < destination[1];
  return packet->source_port <= packet->destination_port;
}

/* An echo between a host and itself has equal ends: only the type tells request from reply. */
static __always_inline bool is_echo_reply(const struct packet *packet) {
  return packet->protocol == PROTO_ICMP     ? packet->icmp_type == 0
         : packet->protocol == PROTO_ICMPV6 ? packet->icmp_type == 129
                                            : false;
}

static __always_inline void fill_key(struct connection_key *key, const struct packet *packet,
                                     __u32 ifindex, bool low_to_high) {
  struct connection_end *from = low_to_high ? &key->low : &key->high;
  struct connection_end *to = low_to_high ? &key->high : &key->low;

  __builtin_memcpy(from->address, packet->source, sizeof(from->address));
  __builtin_memcpy(to->address, packet->destination, sizeof(to->address));
  from->port = packet->source_port;
  to->port = packet->destination_port;
  key->ifindex = ifindex;
  key->protocol = packet->protocol;
  key->ipv6 = packet->ipv6;
  key->vlan = packet->vlan;
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

static __always_inline __u32 connection_timeout_s(const struct packet *packet) {
  return packet->protocol == PROTO_TCP ? TCP_TIMEOUT_S : OTHER_TIMEOUT_S;
}

static __always_inline bool is_expired(const struct connection *connection,
                                       const struct packet *packet, __u64 now) {
  return elapsed(connection->last_seen_ns, now) > connection_timeout_s(packet) * SECOND_NS;
}

/* A SYN on a closed connection starts a new one with the same ports. */
static __always_inline bool is_reopened(const struct connection *connection,
                                        const struct packet *packet) {
  bool closed = connection->reset || (connection->way[0].closed && connection->way[1].closed);
  return closed && packet->protocol == PROTO_TCP &&
         (packet->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* Sets a counter to zero and returns what it held; exact when the kernel has atomic exchange. */
static __always_inline __u64 take(__u64 *counter) {
  if (config.has_atomics) return __sync_lock_test_and_set(counter, 0);
  __u64 value = *counter;
  __sync_fetch_and_add(counter, -value);
  return value;
}

/* Whether this packet is reported. A flag that is seen for the first time always is; of several
 * CPUs that find the interval over, one reports. */
static __always_inline bool claim_report(struct connection_way *way, const struct packet *packet,
                                         __u64 now) {
  __u64 last = way->last_report_ns;
  bool every_packet = config.aggregation < AGGREGATION_MEDIUM;
  bool new_flag = config.aggregation < AGGREGATION_MAXIMUM &&
                  (packet->tcp_flags & config.report_flags & ~way->flags_reported);

  if (!every_packet && !new_flag) {
    if (last && elapsed(last, now) < config.report_interval_ns) return false;
    if (config.has_atomics)
      return __sync_val_compare_and_swap(&way->last_report_ns, last, now) == last;
  }
  way->last_report_ns = now;
  return true;
}

static __always_inline void note_tcp(struct connection *connection, struct connection_way *way,
                                     const struct packet *packet) {
  if (packet->protocol != PROTO_TCP) return;
  if (packet->tcp_flags & TCP_RST) connection->reset = 1;
  if (packet->tcp_flags & TCP_FIN) way->closed = 1;
}

static __always_inline void restart(struct connection *connection, __u8 speaker) {
  connection->speaker = speaker;
  connection->reset = 0;
  __builtin_memset(connection->way, 0, sizeof(connection->way));
}

/* The entry of `key`, made when there is none; NULL when the map has no memory for it. */
static __always_inline struct connection *find_or_add(const struct connection_key *key,
                                                      __u8 speaker, __u64 now, bool *added) {
  struct connection *connection = bpf_map_lookup_elem(&connections, key);
  if (connection) return connection;

  struct connection fresh = {.last_seen_ns = now, .speaker = speaker};
  /* Another CPU may have been quicker: then its entry stays, and is found. */
  *added = bpf_map_update_elem(&connections, key, &fresh, BPF_NOEXIST) == 0;
  return bpf_map_lookup_elem(&connections, key);
}

/* ICMP errors speak about another connection: they have none of their own (RFC 792, RFC 4443). */
static __always_inline bool is_icmp_error(const struct packet *packet) {
  if (packet->protocol == PROTO_ICMPV6) return packet->icmp_type < 128;
  return packet->protocol == PROTO_ICMP && (packet->icmp_type == 3 || packet->icmp_type == 4 ||
                                            packet->icmp_type == 11 || packet->icmp_type == 12);
}

/* Looks `packet` up, updates its connection and says what to tell of it. `bytes` is its length as
 * the device counts it. Without memory for an entry every packet is reported. */
static __always_inline void connection_track(const struct packet *packet, __u32 ifindex,
                                             __u32 bytes, struct connection_verdict *verdict) {
  __u64 now = bpf_ktime_get_ns();
  bool low_to_high = goes_low_to_high(packet);
  __u8 speaker = judge_speaker(packet, low_to_high);
  struct connection_key key = {};
  bool first = false;

  if (is_icmp_error(packet)) {
    verdict->reason = TRACE_REASON_RELATED;
    return;
  }
  fill_key(&key, packet, ifindex, low_to_high);
  struct connection *connection = find_or_add(&key, speaker, now, &first);
  if (!connection) return;
  if (!first && (is_expired(connection, packet, now) || is_reopened(connection, packet))) {
    restart(connection, speaker);
    first = true;
  }
  connection->last_seen_ns = now;
  verdict->entry = first ? ENTRY_CREATED : ENTRY_FOUND;

  struct connection_way *way = low_to_high ? &connection->way[0] : &connection->way[1];
  __sync_fetch_and_add(&way->packets, 1);
  __sync_fetch_and_add(&way->bytes, bytes);
  note_tcp(connection, way, packet);
  verdict->report = claim_report(way, packet, now);
  if (verdict->report) {
    way->flags_reported |= packet->tcp_flags;
    verdict->packets = take(&way->packets);
    verdict->bytes = take(&way->bytes);
  }

  if (connection->speaker == SPEAKER_UNKNOWN) return;
  bool is_reply =
      is_echo_reply(packet) || connection->speaker != (low_to_high ? SPEAKER_LOW : SPEAKER_HIGH);
  verdict->reason = is_reply ? TRACE_REASON_REPLY
                    : first  ? TRACE_REASON_NEW
                             : TRACE_REASON_ESTABLISHED;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_H */
