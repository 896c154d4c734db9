// SPDX-License-Identifier: Apache-2.0
//
// The one ledger: everything that can be lost in user space is counted here, where it is lost.
// What the kernel programs lose is counted by them (struct hook_count in bpf/events.h) and added
// when the status is asked for, so that
//   received = stored + sum(decode_errors) + oversize,
//   emitted  = received + still in the kernel's rings.
#ifndef ALIDADE_AGENT_METRICS_LEDGER_H_
#define ALIDADE_AGENT_METRICS_LEDGER_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "agent/metrics/namespaces_seen.h"
#include "parser/parser.h"

namespace alidade {

// A counter with one writing thread and any number of readers: no locked instruction.
class Counter {
 public:
  void Add(uint64_t n) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Written by the pipeline's thread only; read by anyone.
struct Ledger {
  Counter received;           // records read from the event source
  Counter kernel_ring_lost;   // as clients are told; the kernel's own count is the truth
  Counter stored;             // flows and debug events put into the store
  Counter stored_other;       // lost and agent events put into the store, which were not received
  Counter flows;              // decoded, stored or not
  Counter oversize;           // events too large for the store
  Counter reordered;          // events older than one already stored; their time was moved
  Counter agent_events_lost;  // of the agent's own life, told faster than they could be stored
  std::array<Counter, static_cast<size_t>(DecodeError::kCount)> decode_errors;
  NamespacesSeen namespaces;  // of flows, stored or not
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_METRICS_LEDGER_H_
