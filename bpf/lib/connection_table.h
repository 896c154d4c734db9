/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The connections that are remembered: an array of sets, where a connection may stand in any slot
 * of the one set that its ends choose. A full set forgets what was quiet longest, so that a flood
 * of new connections costs old state (a later packet reads as "unknown"), never memory.
 *
 * Why not an LRU hash of the kernel's: it puts the counters of both ways into one cache line, with
 * the key in it or in the next. Where the two ways are two CPUs', each waits for the other's
 * writing; that was half of what an aggregated packet cost (tests/bench/README.md). Nor can it tell
 * what is over from what is only quiet.
 *
 * Reading takes no lock. Entries are made under one, so that two CPUs do not make one each of the
 * same connection; a reader may meet one that is half made, and does not find it then.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_TABLE_H
#define ALIDADE_BPF_LIB_CONNECTION_TABLE_H

#include "bpf/lib/connection_state.h"

/* The flag is for what it does beside: sets begin where cache lines do. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, CONNECTION_SETS); /* user space sets it before loading */
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct connection_set);
} connection_sets SEC(".maps");

/* Not in the sets: the verifier would hand none of a set on to a function. */
struct connection_lock {
  struct bpf_spin_lock lock;
};

enum { CONNECTION_LOCKS = 256 };
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, CONNECTION_LOCKS);
  __type(key, __u32); /* index of the set, modulo their number */
  __type(value, struct connection_lock);
} connection_locks SEC(".maps");

/* Eight tags at once: a byte of each. */
#define EACH_BYTE 0x0101010101010101ULL
#define HIGH_BITS 0x8080808080808080ULL
/* Times a power of 256, its exponent stands in the uppermost byte. */
#define BYTE_NUMBERS 0x0001020304050607ULL

static __always_inline struct connection_set *connection_set_at(__u32 index) {
  return bpf_map_lookup_elem(&connection_sets, &index);
}

/* The high bit of each byte where `set` has the tag, and sometimes of one above such a byte. */
static __always_inline __u64 tags_like(const struct connection_set *set, __u8 tag) {
  __u64 differing = *(__u64 *)set->tags ^ tag * EACH_BYTE;

  return (differing - EACH_BYTE) & ~differing & HIGH_BITS;
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the first tag has to be the lowest byte"
#endif

static __always_inline __u32 first_slot(__u64 match) {
  return ((match & -match) >> 7) * BYTE_NUMBERS >> 56;
}

/* The key of `way` in the slot. */
static __always_inline const struct connection_key *key_in(const struct connection_set *set,
                                                           __u32 slot, __u32 way) {
  return &set->way[way % CONNECTION_WAYS][slot % CONNECTIONS_OF_SET].key;
}

/* No set when `key` is not that of a connection, or of one whose tag another one has as well. */
static __always_inline struct connection connection_find_first(
    const struct connection_key *key, const struct connection_place *place) {
  struct connection found = {};
  struct connection_set *set = connection_set_at(place->set);

  if (!set) return found; /* for the verifier: cannot happen */
  __u64 match = tags_like(set, place->tag);
  if (!match) return found;
  found.slot = first_slot(match);
  if (is_same_key(key_in(set, found.slot, place->way), key)) found.set = set;
  return found;
}

static __always_inline struct connection connection_find_in(struct connection_set *set,
                                                            const struct connection_key *key,
                                                            const struct connection_place *place) {
  struct connection found = {};
  __u64 match = tags_like(set, place->tag);

#pragma clang loop unroll(disable)
  for (int i = 0; i < CONNECTIONS_OF_SET && match; i++) {
    found.slot = first_slot(match);
    if (is_same_key(key_in(set, found.slot, place->way), key)) {
      found.set = set;
      return found;
    }
    match &= match - 1;
  }
  return found;
}

/* No set when `key` is that of the first packet of its connection on this interface. */
static __always_inline struct connection connection_find(const struct connection_key *key,
                                                         const struct connection_place *place) {
  struct connection none = {};
  struct connection_set *set = connection_set_at(place->set);

  return set ? connection_find_in(set, key, place) : none;
}

/* Ages are told in steps of so many ticks, a quarter of a second or more; after 65,536 of them (4.7
 * hours or more) what nobody has touched looks new again. */
enum { TOUCHED_SHIFT = 8 };

static __always_inline void touch(const struct connection *connection, __u32 now) {
  __u16 step = now >> TOUCHED_SHIFT;
  __u16 *touched = &connection->set->touched[SLOT(connection)];

  if (*touched != step) *touched = step;
}

/* How willingly a slot is given to another connection: free, over, or by its age. */
static __always_inline __u32 slot_score(const struct connection_set *set, __u32 slot, __u32 now) {
  __u32 both = set->state[slot][0] & set->state[slot][1];
  __u32 any = set->state[slot][0] | set->state[slot][1];
  __u32 is_free = ((__u32)set->tags[slot] - 1) >> 31;
  __u32 has_ended = (both / WAY_ACKS_FIN | any / WAY_RESET) & 1;

  return is_free << 17 | has_ended << 16 | (__u16)((now >> TOUCHED_SHIFT) - set->touched[slot]);
}

enum { SCORE_ENDED = 1 << 16 };

/* The slot for a new connection: a free one, else of one that is over, else of the one that was
 * touched longest ago. Only reports touch, so the choice is looked at more closely, and another is
 * made when a packet came meanwhile. */
static __always_inline __u32 connection_victim(struct connection_set *set, __u32 now) {
  struct connection victim = {.set = set};

#pragma clang loop unroll(disable)
  for (int choice = 0; choice < CONNECTIONS_OF_SET; choice++) {
    __u64 best = 0;
#pragma clang loop unroll(disable)
    for (int slot = 0; slot < CONNECTIONS_OF_SET; slot++) {
      /* The larger one, without a branch: the verifier would follow them all. */
      __u64 scored = (__u64)slot_score(set, slot, now) * CONNECTIONS_OF_SET + slot;
      __s64 larger = scored - best;
      __s64 sign = larger >> 63;
      barrier_var(sign);
      best += larger & ~sign;
    }
    victim.slot = best % CONNECTIONS_OF_SET;
    if (best / CONNECTIONS_OF_SET >= SCORE_ENDED) break;
    if (quiet_ticks(&victim, now) >> TOUCHED_SHIFT) break;
    touch(&victim, now);
  }
  return victim.slot;
}

/* Makes the entry of `key`, unless another CPU has been quicker: then `first` is false. */
static __always_inline struct connection connection_add(const struct connection_key *key,
                                                        const struct connection_place *place,
                                                        __u8 speaker, __u32 now, bool *first) {
  struct connection made = {};
  struct connection_set *set = connection_set_at(place->set);
  __u32 lock_index = place->set % CONNECTION_LOCKS;
  struct connection_lock *lock = bpf_map_lookup_elem(&connection_locks, &lock_index);

  if (!set || !lock) return made; /* for the verifier: cannot happen */
  __u32 victim = connection_victim(set, now);
  struct connection_key back = connection_key_back(key);
  bpf_spin_lock(&lock->lock);
  made = connection_find_in(set, key, place);
  if (!made.set) {
    made.set = set;
    made.slot = victim;
    __u32 slot = SLOT(&made), way = place->way % CONNECTION_WAYS;
    set->tags[slot] = 0;
    barrier();
    set->way[way][slot].key = *key;
    set->way[way ^ 1][slot].key = back;
    set->way[0][slot].counters = set->way[1][slot].counters = 0;
    begin(&made, speaker, now);
    touch(&made, now);
    barrier();
    set->tags[slot] = place->tag;
    *first = true;
  }
  bpf_spin_unlock(&lock->lock);
  return made;
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_TABLE_H */
