/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Which socket calls were reported lately, so that the same one is reported once per interval: what
 * a datagram socket says to or hears from one peer, and connections that a process makes to one.
 *
 * An array of sets, each a cache line, where a call may stand in any slot of the one set that its
 * hash chooses. An LRU hash of the kernel's takes longer to put a new call into than the report
 * takes. A full set forgets the call that was reported longest ago: it is reported again too early,
 * never too late. Nothing is locked; two CPUs may both report what is new to both.
 */
#ifndef ALIDADE_BPF_LIB_RECENT_CALLS_H
#define ALIDADE_BPF_LIB_RECENT_CALLS_H

#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/lib/clock.h"
#include "bpf/lib/knobs.h"
#include "bpf/lib/mix.h"
#include "bpf/lib/sock_call.h"

/* What makes two calls the same. */
struct call_key {
  __u64 caller; /* socket cookie; of connect the process: network namespace and tgid */
  struct sock_peer peer;
  __u16 call;     /* enum sock_call */
  __u16 protocol; /* IPPROTO_ */
};
ABI_SIZE(call_key, 32);

struct recent_call {
  __u64 hash;     /* of the whole key; 0: nobody */
  __u32 reported; /* ticks */
  __u32 pad;
};

enum { CALLS_OF_SET = 4, CALL_SET_BITS = 12 };
struct call_set {
  struct recent_call calls[CALLS_OF_SET];
};
ABI_SIZE(call_set, 64);

/* The flag is for what it does beside: sets begin where cache lines do. */
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1 << CALL_SET_BITS);
  __uint(map_flags, BPF_F_MMAPABLE);
  __type(key, __u32);
  __type(value, struct call_set);
} recent_calls SEC(".maps");

/* Never 0. Two calls that share all 64 bits are taken for one; the seed keeps anybody from choosing
 * such calls. */
static __always_inline __u64 hash_of_call(const struct call_key *key) {
  __u64 words[4];
  __u64 hash = config.connection_seed;

  __builtin_memcpy(words, key, sizeof(words));
  for (int i = 0; i < 4; i++) {
    hash = (hash ^ words[i]) * MIX_WORD;
    hash ^= hash >> 32;
  }
  return hash * MIX_ALL | 1;
}

/* Whether the call is to be reported: it was not within the last interval. If so, it is noted as
 * reported now. */
static __always_inline bool is_call_due(const struct call_key *key) {
  __u64 hash = hash_of_call(key);
  __u32 index = hash >> (64 - CALL_SET_BITS);
  struct call_set *set = bpf_map_lookup_elem(&recent_calls, &index);
  if (!set) return false; /* for the verifier: cannot happen */

  __u32 now = ticks_now();
  struct recent_call *slot = &set->calls[0];
  __u32 longest = 0;
  for (int i = 0; i < CALLS_OF_SET; i++) {
    struct recent_call *call = &set->calls[i];
    __u32 quiet = call->hash ? ticks_since(call->reported, now) : ~0U;
    if (call->hash == hash) {
      if (quiet < config.report_interval) return false;
      slot = call;
      break;
    }
    if (quiet > longest) {
      longest = quiet;
      slot = call;
    }
  }
  slot->reported = now;
  slot->hash = hash;
  return true;
}

#endif /* ALIDADE_BPF_LIB_RECENT_CALLS_H */
