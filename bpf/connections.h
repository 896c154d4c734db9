/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What is remembered of connections: rows of the array `connection_sets`, which the trace programs
 * keep (bpf/lib/connection_table.h).
 * Compiled by clang -target bpf and by g++.
 */
#ifndef ALIDADE_BPF_CONNECTIONS_H
#define ALIDADE_BPF_CONNECTIONS_H

#include "bpf/config.h"

/* As the packets of one way show it, in words that are compared at once. Addresses and ports in
 * network order, the source first: IPv6 fills four words with them, IPv4 one. */
struct connection_key {
  __u64 addresses[4];
  __u64 kind; /* see connection_kind */
  __u32 ports;
  union {            /* not of the key: lies here for the place. Of the way's packets: */
    __u32 fin_end;   /* TCP: the sequence number behind their FIN */
    __u32 icmp_type; /* ICMP: ICMP_TYPE_SEEN and the type of the last that had a header */
  };
};

enum { ICMP_TYPE_SEEN = 1 << 8 };

enum first_speaker {
  SPEAKER_UNKNOWN = 0, /* first seen in its middle: never guessed */
  SPEAKER_LOW = 1,     /* the end that compares lower: way 0 is its */
  SPEAKER_HIGH = 2,
};

/* What is known of one way. Only packets of that way change it. */
enum way_state {
  WAY_SEEN = 1 << 0,         /* a packet has come */
  WAY_CLOSED = 1 << 1,       /* FIN seen */
  WAY_ACKS_FIN = 1 << 2,     /* it has acknowledged the FIN of the other way */
  WAY_RESET = 1 << 3,        /* RST seen */
  WAY_END_REPORTED = 1 << 4, /* by a packet of this way */
  WAY_UNTRANSLATED = 1 << 5, /* conntrack was asked, and does not translate the connection */
  WAY_EGRESS = 1 << 6,       /* a packet has been seen by the egress hook */
};

/* What every packet of one way writes to: a cache line of its own, since the packets of the other
 * way may be another CPU's. Not next to that of the other way, either: processors fetch lines in
 * pairs. Times are ticks (bpf/lib/clock.h). */
struct connection_way {
  struct connection_key key; /* and what lies there of this way */
  __u64 counters;
  __u32 last_seen;   /* or when the entry was made */
  __u32 last_report; /* or one interval before the entry was made */
};
ABI_SIZE(connection_way, 64);

/* Some connections side by side, by slot and way. The first cache line is all that the packets of
 * both ways read and few of them write. */
enum { CONNECTION_WAYS = 2 };
struct connection_set {
  __u8 tags[CONNECTIONS_OF_SET] __attribute__((aligned(8))); /* connection_place.tag; 0: free */
  __u8 state[CONNECTIONS_OF_SET][CONNECTION_WAYS];           /* enum way_state */
  __u8 flags_reported[CONNECTIONS_OF_SET][CONNECTION_WAYS];  /* TCP flags, since it began */
  __u8 speaker[CONNECTIONS_OF_SET];                          /* enum first_speaker */
  __u16 touched[CONNECTIONS_OF_SET];                         /* see connection_victim */
  struct connection_way way[CONNECTION_WAYS][CONNECTIONS_OF_SET];
};
ABI_SIZE(connection_set, 64 + sizeof(struct connection_way) * CONNECTION_WAYS * CONNECTIONS_OF_SET);

/* Ages are told in steps of so many ticks, a quarter of a second or more; after 65,536 of them (4.7
 * hours or more) what nobody has touched looks new again. */
enum { TOUCHED_SHIFT = 8 };

#endif /* ALIDADE_BPF_CONNECTIONS_H */
