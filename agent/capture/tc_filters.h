// SPDX-License-Identifier: Apache-2.0
//
// The filters on the clsact qdisc of an interface, of whomever they are.
#ifndef ALIDADE_AGENT_CAPTURE_TC_FILTERS_H_
#define ALIDADE_AGENT_CAPTURE_TC_FILTERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace alidade {

struct TcFilter {
  uint32_t chain = 0;     // all packets begin in chain 0, and see others only when sent there
  uint32_t priority = 0;  // lower ones see a packet first
  std::string kind;       // bpf, flower, u32, ...
  std::string name;       // of a bpf filter: what its owner called it, e.g. PROGRAM:[ID]
};

enum class TcDirection : uint8_t { kIngress, kEgress };

// All filters of one direction, each chain's in the order in which they see a packet. Errors: when
// the interface is gone, or cannot be asked.
absl::StatusOr<std::vector<TcFilter>> ClsactFilters(uint32_t ifindex, TcDirection direction);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_TC_FILTERS_H_
