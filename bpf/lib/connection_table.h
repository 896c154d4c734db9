/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * The connections that are remembered: an array of sets, where a connection may stand in any slot
 * of the one set that its ends choose. A full set forgets what was quiet longest, so that a flood
 * of new connections costs old state (a later packet reads as "unknown"), never memory.
 *
 * The array is larger than the caches, and a new connection's place in it in none of them: that was
 * a fifth of what our programs took for a short connection. So a TCP connection that is seen from
 * its beginning stands in one of a few near sets first, where it takes the slot of one that is
 * over. For want of such a slot one that has been quiet for a while is moved to its set; for want
 * of that as well, the new one goes to its own at once. What has not such a beginning is not near:
 * nobody knows when a UDP "connection" is over.
 *
 * Why not an LRU hash of the kernel's: it puts the counters of both ways into one cache line, with
 * the key in it or in the next. Where the two ways are two CPUs', each waits for the other's
 * writing; that was half of what an aggregated packet cost (tests/bench/README.md). Nor can it tell
 * what is over from what is only quiet.
 *
 * Reading takes no lock. Entries are made under one, so that two CPUs do not make one each of the
 * same connection; a reader may meet one that is half made, and does not find it then. A packet
 * that comes on another CPU in the same instant as its entry is forgotten or moved may be counted
 * for the one that takes its slot.
 */
#ifndef ALIDADE_BPF_LIB_CONNECTION_TABLE_H
#define ALIDADE_BPF_LIB_CONNECTION_TABLE_H

#include "bpf/lib/connection_state.h"
#include "bpf/lib/emit.h"
#include "bpf/lib/rare.h"

/* The flag is for what it does beside: sets begin where cache lines do. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, NEAR_SETS + CONNECTION_SETS); /* user space sets it before loading */
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct connection_set);
} connection_sets SEC(".maps");

/* Not in the sets: the verifier would hand none of a set on to a function. With near sets, the row
 * of each is also that of all sets whose connections may stand in it. */
struct connection_lock {
  struct bpf_spin_lock lock;
  __u32 has_overflowed; /* 1: not all that may be near is there */
};

enum { CONNECTION_LOCKS = NEAR_SETS };
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, CONNECTION_LOCKS);
  __type(key, __u32); /* index of the near set, else that of the set modulo their number */
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

static __always_inline struct connection_lock *connection_lock_of(
    const struct connection_place *place) {
  __u32 row = config.has_near_sets ? place->near_set : place->set % CONNECTION_LOCKS;

  return bpf_map_lookup_elem(&connection_locks, &row);
}

static __always_inline bool has_overflowed(const struct connection_place *place) {
  const struct connection_lock *lock = connection_lock_of(place);

  return lock && *(const volatile __u32 *)&lock->has_overflowed;
}

/* No set when `key` is not that of a connection, or of one whose tag another one has as well. */
static __always_inline struct connection connection_find_first(
    const struct connection_key *key, const struct connection_place *place) {
  struct connection found = {.set_index = place->may_be_near ? place->near_set : place->set};
  struct connection_set *set = connection_set_at(found.set_index);

  if (!set) return found; /* for the verifier: cannot happen */
  __u64 match = tags_like(set, place->tag);
  if (!match && place->may_be_near && has_overflowed(place)) {
    found.set_index = place->set;
    set = connection_set_at(found.set_index);
    if (!set) return found;
    match = tags_like(set, place->tag);
  }
  if (!match) return found;
  found.slot = first_slot(match);
  if (is_same_key(key_in(set, found.slot, place->way), key)) found.set = set;
  return found;
}

static __always_inline struct connection connection_find_in(struct connection_set *set,
                                                            __u32 set_index,
                                                            const struct connection_key *key,
                                                            const struct connection_place *place) {
  struct connection found = {.set_index = set_index};
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

/* One of the table in a word, which any function may return: the index of its set, and the slot in
 * it in the lower part. */
enum { NOT_FOUND = 0xffffffff };

static __always_inline __u32 connection_number(const struct connection *connection) {
  return connection->set_index * CONNECTIONS_OF_SET + SLOT(connection);
}

static __always_inline struct connection connection_of_number(__u32 number) {
  struct connection connection = {.set_index = number / CONNECTIONS_OF_SET,
                                  .slot = number % CONNECTIONS_OF_SET};

  if (number != NOT_FOUND) connection.set = connection_set_at(connection.set_index);
  return connection;
}

/* Else NOT_FOUND. */
RARE __u32 connection_find_number(const struct connection_key *key,
                                  const struct connection_place *place) {
  struct connection found = {};
  struct connection_set *set;

  if (!key || !place) return NOT_FOUND;
  if (place->may_be_near) {
    set = connection_set_at(place->near_set);
    if (set) found = connection_find_in(set, place->near_set, key, place);
  }
  if (!found.set && (!place->may_be_near || has_overflowed(place))) {
    set = connection_set_at(place->set);
    if (set) found = connection_find_in(set, place->set, key, place);
  }
  return found.set ? connection_number(&found) : NOT_FOUND;
}

/* No set when `key` is that of the first packet of its connection on this interface. */
static __always_inline struct connection connection_find(const struct connection_key *key,
                                                         const struct connection_place *place) {
  return connection_of_number(connection_find_number(key, place));
}

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

/* The slot that is given away most willingly. */
struct scored_slot {
  __u32 slot;
  __u32 score;
};

static __always_inline struct scored_slot best_slot(const struct connection_set *set, __u32 now) {
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
  return (struct scored_slot){best % CONNECTIONS_OF_SET, best / CONNECTIONS_OF_SET};
}

/* The slot for a new connection: a free one, else of one that is over, else of the one that was
 * touched longest ago. Only reports touch, so the choice is looked at more closely, and another is
 * made when a packet came meanwhile. */
static __always_inline __u32 connection_victim(struct connection_set *set, __u32 now) {
  struct connection victim = {.set = set};

#pragma clang loop unroll(disable)
  for (int choice = 0; choice < CONNECTIONS_OF_SET; choice++) {
    struct scored_slot best = best_slot(set, now);
    victim.slot = best.slot;
    if (best.score >= SCORE_ENDED) break;
    if (quiet_ticks(&victim, now) >> TOUCHED_SHIFT) break;
    touch(&victim, now);
  }
  return victim.slot;
}

/* Packets of the connection in the slot that no report has told of. */
static __always_inline __u64 untold_packets(const struct connection *connection) {
  if (!connection->set->tags[SLOT(connection)]) return 0;
  return (connection_way_of(connection, 0)->counters >> COUNTER_BYTES_BITS) +
         (connection_way_of(connection, 1)->counters >> COUNTER_BYTES_BITS);
}

static __always_inline void count_untold(__u64 packets) {
  struct hook_count *count = packets ? hook_count_of(HOOK_TRACE) : NULL;

  if (count) count->untold += packets;
}

/* Has to be called with the lock of the set. */
static __always_inline void fill_slot(const struct connection *connection,
                                      const struct connection_key *key,
                                      const struct connection_place *place, __u8 speaker,
                                      __u32 now) {
  struct connection_set *set = connection->set;
  __u32 slot = SLOT(connection), way = place->way % CONNECTION_WAYS;

  set->tags[slot] = 0;
  barrier();
  set->way[way][slot].key = *key;
  set->way[way ^ 1][slot].key = connection_key_back(key);
  set->way[0][slot].counters = set->way[1][slot].counters = 0;
  begin(connection, speaker, now);
  touch(connection, now);
  barrier();
  set->tags[slot] = place->tag;
}

/* Moves the entry to another slot of the same place, likewise. */
static __always_inline void move_slot(const struct connection *from, const struct connection *to,
                                      __u8 tag) {
  __u32 old = SLOT(from), slot = SLOT(to);

  to->set->tags[slot] = 0;
  from->set->tags[old] = 0;
  barrier();
#pragma unroll
  for (int i = 0; i < CONNECTION_WAYS; i++) {
    to->set->way[i][slot] = from->set->way[i][old];
    to->set->state[slot][i] = from->set->state[old][i];
    to->set->flags_reported[slot][i] = from->set->flags_reported[old][i];
  }
  to->set->speaker[slot] = from->set->speaker[old];
  to->set->touched[slot] = from->set->touched[old];
  barrier();
  to->set->tags[slot] = tag;
}

/* A slot of the near set for one more: free, or of one that is over, or of one that was quiet for a
 * while and has been moved away; NO_SLOT when there is none. Another CPU may be quicker to use it.
 */
enum { NO_SLOT = CONNECTIONS_OF_SET };
RARE __u32 make_room(__u32 near_set, __u32 now) {
  struct connection near = {.set = connection_set_at(near_set)};
  struct connection_lock *lock = bpf_map_lookup_elem(&connection_locks, &near_set);

  if (!near.set || !lock) return NO_SLOT; /* for the verifier: cannot happen */
  struct scored_slot best = best_slot(near.set, now);
  if (best.score >= SCORE_ENDED) return best.slot;
  near.slot = best.slot;
  if (!(quiet_ticks(&near, now) >> TOUCHED_SHIFT)) {
    touch(&near, now);
    return NO_SLOT;
  }
  struct connection_key key = *key_in(near.set, near.slot, 0);
  struct connection_place old = connection_place_of(&key);
  struct connection to = {.set = connection_set_at(old.set)};
  if (!to.set) return NO_SLOT; /* for the verifier: cannot happen */
  to.slot = connection_victim(to.set, now);
  __u64 untold = 0;
  bpf_spin_lock(&lock->lock);
  bool is_still_there =
      near.set->tags[SLOT(&near)] == old.tag && is_same_key(key_in(near.set, near.slot, 0), &key);
  if (is_still_there) {
    lock->has_overflowed = 1;
    untold = untold_packets(&to);
    move_slot(&near, &to, old.tag);
  }
  bpf_spin_unlock(&lock->lock);
  count_untold(untold);
  return is_still_there ? SLOT(&near) : NO_SLOT;
}

enum { MADE_ANEW = 1 << 31 };

/* Makes the entry of `key`, unless another CPU has been quicker: near when make_room has found
 * `near_slot` for it and there still is one. Its number, with MADE_ANEW when there was none. */
RARE __u32 connection_add_number(const struct connection_key *key,
                                 const struct connection_place *place, __u8 speaker, __u32 now,
                                 __u32 near_slot) {
  if (!key || !place) return NOT_FOUND;
  struct connection found = {};
  struct connection made = {.set = connection_set_at(place->set), .set_index = place->set};
  struct connection_set *near = place->may_be_near ? connection_set_at(place->near_set) : NULL;
  struct connection_lock *lock = connection_lock_of(place);
  __u32 anew = 0;
  __u64 untold = 0;

  if (!made.set || !lock) return NOT_FOUND; /* for the verifier: cannot happen */
  bool is_near = near && near_slot < CONNECTIONS_OF_SET;
  if (!is_near) made.slot = connection_victim(made.set, now);
  bpf_spin_lock(&lock->lock);
  if (near) found = connection_find_in(near, place->near_set, key, place);
  if (!found.set && (!near || lock->has_overflowed))
    found = connection_find_in(made.set, place->set, key, place);
  if (!found.set) {
    struct scored_slot best = {.slot = near_slot % CONNECTIONS_OF_SET};
    if (is_near) best.score = slot_score(near, best.slot, now);
    if (is_near && best.score < SCORE_ENDED) best = best_slot(near, now);
    if (best.score >= SCORE_ENDED) {
      made.set = near;
      made.set_index = place->near_set;
      made.slot = best.slot;
    } else {
      if (is_near) made.slot = best_slot(made.set, now).slot;
      if (near) lock->has_overflowed = 1;
    }
    untold = untold_packets(&made);
    fill_slot(&made, key, place, speaker, now);
    anew = MADE_ANEW;
    found = made;
  }
  bpf_spin_unlock(&lock->lock);
  count_untold(untold);
  return connection_number(&found) | anew;
}

static __always_inline struct connection connection_add(const struct connection_key *key,
                                                        const struct connection_place *place,
                                                        __u8 speaker, __u32 now, bool *first) {
  struct connection none = {};
  __u32 near_slot = NO_SLOT;
  if (place->may_be_near && speaker != SPEAKER_UNKNOWN) near_slot = make_room(place->near_set, now);
  __u32 number = connection_add_number(key, place, speaker, now, near_slot);

  if (number == NOT_FOUND) return none; /* for the verifier: cannot happen */
  *first = number & MADE_ANEW;
  return connection_of_number(number & ~MADE_ANEW);
}

#endif /* ALIDADE_BPF_LIB_CONNECTION_TABLE_H */
