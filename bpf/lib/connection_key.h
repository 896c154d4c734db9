/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * What names a connection on an interface, and where in the table it may stand. Both directions of
 * a connection have one place; which of the two ends compares lower tells the one way from the
 * other.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_KEY_H
#define ALIDADE_BPF_LIB_CONNECTION_KEY_H

#include "bpf/connections.h"
#include "bpf/lib/knobs.h"
#include "bpf/lib/mix.h"
#include "bpf/lib/packet.h"

/* What is left of the key. Networks behind one interface may use the same addresses: `vlan`. */
static __always_inline __u64 connection_kind(__u32 ifindex, __u8 protocol, bool ipv6, __u16 vlan) {
  return ifindex | (__u64)protocol << 32 | (__u64)ipv6 << 40 | (__u64)vlan << 48;
}

static __always_inline __u8 kind_protocol(__u64 kind) { return kind >> 32; }
static __always_inline bool is_kind_ipv6(__u64 kind) { return kind >> 40 & 1; }
static __always_inline bool is_kind_tcp(__u64 kind) { return kind_protocol(kind) == PROTO_TCP; }

/* Two halves, as they stand side by side in memory. */
union ends4 {
  __u32 end[2];
  __u64 word;
};

union end_ports {
  __be16 end[2];
  __u32 word;
};

static __always_inline struct connection_key connection_key_of(const struct packet *packet,
                                                               __u32 ifindex) {
  struct connection_key key = {
      .kind = connection_kind(ifindex, packet->protocol, packet->ipv6, packet->vlan),
  };
  union end_ports ports = {.end = {packet->source_port, packet->destination_port}};

  key.ports = ports.word;
  if (packet->ipv6) {
    __builtin_memcpy(key.addresses, packet->source, 16);
    __builtin_memcpy(key.addresses + 2, packet->destination, 16);
  } else {
    /* As they were written: a wider load has to wait until the stores have reached the cache. */
    union ends4 ends;
    __builtin_memcpy(&ends.end[0], packet->source, 4);
    __builtin_memcpy(&ends.end[1], packet->destination, 4);
    key.addresses[0] = ends.word;
  }
  return key;
}

/* The key of the same connection's other way. */
static __always_inline struct connection_key connection_key_back(const struct connection_key *key) {
  struct connection_key back = *key;
  union end_ports ports = {.word = key->ports};
  union end_ports swapped = {.end = {ports.end[1], ports.end[0]}};

  back.ports = swapped.word;
  if (is_kind_ipv6(key->kind)) {
    back.addresses[0] = key->addresses[2];
    back.addresses[1] = key->addresses[3];
    back.addresses[2] = key->addresses[0];
    back.addresses[3] = key->addresses[1];
  } else {
    back.addresses[0] = key->addresses[0] << 32 | key->addresses[0] >> 32;
  }
  return back;
}

static __always_inline bool is_same_key(const struct connection_key *a,
                                        const struct connection_key *b) {
  if ((a->addresses[0] ^ b->addresses[0]) | (a->kind ^ b->kind) | (a->ports ^ b->ports))
    return false;
  if (!is_kind_ipv6(b->kind)) return true;
  return !((a->addresses[1] ^ b->addresses[1]) | (a->addresses[2] ^ b->addresses[2]) |
           (a->addresses[3] ^ b->addresses[3]));
}

struct connection_place {
  __u32 set;        /* index of it */
  __u8 near_set;    /* likewise; connections of one set have one near set */
  bool may_be_near; /* it may stand in either of them */
  __u8 tag;         /* tells most connections of a set apart; never 0 */
  __u8 way;         /* of this packet: 0 from the lower end to the higher, 1 back */
};

/* Both ends are mixed apart and added, which is the same both ways, whatever ports they swap. */
static __always_inline __u64 mix_end(__u64 end) {
  __u64 mixed = (end + config.connection_seed) * MIX_END;
  return mixed ^ mixed >> 32;
}

static __always_inline struct connection_place connection_place_of(
    const struct connection_key *key) {
  struct connection_place place = {};
  const __u64 *addresses = key->addresses;
  union end_ports ports = {.word = key->ports};
  __u64 source = ports.end[0], destination = ports.end[1];

  if (is_kind_ipv6(key->kind)) {
    place.way = addresses[0] != addresses[2]   ? addresses[0] > addresses[2]
                : addresses[1] != addresses[3] ? addresses[1] > addresses[3]
                                               : source > destination;
    source += addresses[0] * MIX_WORD ^ addresses[1];
    destination += addresses[2] * MIX_WORD ^ addresses[3];
  } else {
    union ends4 ends = {.word = addresses[0]};
    source |= (__u64)ends.end[0] << 16;
    destination |= (__u64)ends.end[1] << 16;
    place.way = (destination - source) >> 63; /* no branch: any would go either way */
  }
  __u64 hash = (mix_end(source) + mix_end(destination) + key->kind) * MIX_ALL;
  place.set = (hash >> 32) * config.connection_sets >> 32;
  if (config.has_near_sets) {
    place.set += NEAR_SETS;
    place.near_set = (hash >> 32) * NEAR_SETS >> 32;
    place.may_be_near = is_kind_tcp(key->kind);
  }
  __u32 tag = hash >> 24 & 0xff;
  place.tag = tag + ((tag - 1) >> 31); /* 1 in place of 0 */
  return place;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_KEY_H */
