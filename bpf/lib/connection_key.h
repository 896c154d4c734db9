/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What names a connection on an interface: its two ends in a fixed order, so that both directions
 * have the same key. IPv4 has a key of its own: hashing and comparing are much of what a packet
 * costs, and both go by length.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_KEY_H
#define ALIDADE_BPF_LIB_CONNECTION_KEY_H

#include "bpf/lib/packet.h"

/* `low` is the end that compares lower. No padding inside: keys are compared as bytes. */
struct connection_key4 {
  __u8 low[4];
  __u8 high[4];
  __be16 low_port;
  __be16 high_port;
  __u32 ifindex;
  __u16 protocol;
  __u16 vlan; /* networks behind one interface may use the same addresses */
} __attribute__((aligned(4)));

struct connection_key6 {
  __u8 low[16];
  __u8 high[16];
  __be16 low_port;
  __be16 high_port;
  __u32 ifindex;
  __u16 protocol;
  __u16 vlan; /* networks behind one interface may use the same addresses */
} __attribute__((aligned(4)));

/* Orders the two ends; true when the packet goes from the lower to the higher. Any order will do,
 * as long as it is the same both ways. */
static __always_inline bool goes_low_to_high(const struct packet *packet) {
  if (packet->ipv6) {
    __u64 source[2], destination[2];
    __builtin_memcpy(source, packet->source, sizeof(source));
    __builtin_memcpy(destination, packet->destination, sizeof(destination));
    if (source[0] != destination[0]) return source[0] < destination[0];
    if (source[1] != destination[1]) return source[1] < destination[1];
  } else {
    /* As they were written: a wider load has to wait until the stores have reached the cache. */
    __u32 source, destination;
    __builtin_memcpy(&source, packet->source, sizeof(source));
    __builtin_memcpy(&destination, packet->destination, sizeof(destination));
    if (source != destination) return source < destination;
  }
  return packet->source_port <= packet->destination_port;
}

#define FILL_KEY(key, packet, from_index, is_low_to_high)                      \
  do {                                                                         \
    (key).ifindex = (from_index);                                              \
    (key).protocol = (packet)->protocol;                                       \
    (key).vlan = (packet)->vlan;                                               \
    if (is_low_to_high) {                                                      \
      __builtin_memcpy((key).low, (packet)->source, sizeof((key).low));        \
      __builtin_memcpy((key).high, (packet)->destination, sizeof((key).high)); \
      (key).low_port = (packet)->source_port;                                  \
      (key).high_port = (packet)->destination_port;                            \
    } else {                                                                   \
      __builtin_memcpy((key).low, (packet)->destination, sizeof((key).low));   \
      __builtin_memcpy((key).high, (packet)->source, sizeof((key).high));      \
      (key).low_port = (packet)->destination_port;                             \
      (key).high_port = (packet)->source_port;                                 \
    }                                                                          \
  } while (0)

static __always_inline struct connection_key4 connection_key4_of(const struct packet *packet,
                                                                 __u32 ifindex, bool low_to_high) {
  struct connection_key4 key;

  FILL_KEY(key, packet, ifindex, low_to_high);
  return key;
}

static __always_inline struct connection_key6 connection_key6_of(const struct packet *packet,
                                                                 __u32 ifindex, bool low_to_high) {
  struct connection_key6 key;

  FILL_KEY(key, packet, ifindex, low_to_high);
  return key;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_KEY_H */
