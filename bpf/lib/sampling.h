/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
 *
 * Sampling by connection: of one that is chosen everything is reported, of the others nothing, on
 * every interface and in both directions alike.
 */
#ifndef ALIDADE_BPF_LIB_SAMPLING_H
#define ALIDADE_BPF_LIB_SAMPLING_H

#include "bpf/lib/knobs.h"
#include "bpf/lib/mix.h"
#include "bpf/lib/packet.h"

static __always_inline bool is_sampled_out(const struct packet *packet) {
  __u64 source[2], destination[2];

  if (config.sampling <= 1) return false;
  __builtin_memcpy(source, packet->source, sizeof(source));
  __builtin_memcpy(destination, packet->destination, sizeof(destination));
  /* The same both ways: exclusive or does not care which end is which. */
  __u64 hash = (source[0] ^ destination[0]) * MIX_END;
  hash ^= (source[1] ^ destination[1] ^ packet->source_port ^ packet->destination_port ^
           (__u64)packet->protocol << 32) *
          MIX_END;
  return (__u32)(hash >> 32) % config.sampling != 0;
}

#endif /* ALIDADE_BPF_LIB_SAMPLING_H */
