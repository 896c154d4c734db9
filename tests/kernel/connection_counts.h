// SPDX-License-Identifier: Apache-2.0
//
// What the reports of a connection on the interface to-pod (tests/kernel/quiet_node.h) add up to,
// and what that interface carried by its own count.
#ifndef ALIDADE_TESTS_KERNEL_CONNECTION_COUNTS_H_
#define ALIDADE_TESTS_KERNEL_CONNECTION_COUNTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "flow/flow.pb.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"

namespace alidade::testing {

struct Traffic {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  friend bool operator==(const Traffic&, const Traffic&) = default;
  Traffic operator-(const Traffic& other) const {
    return {packets - other.packets, bytes - other.bytes};
  }
};

struct BothWays {
  Traffic to_pod;
  Traffic from_pod;
  friend bool operator==(const BothWays&, const BothWays&) = default;
  BothWays operator-(const BothWays& other) const {
    return {to_pod - other.to_pod, from_pod - other.from_pod};
  }
};

// What `device` has carried since it was made.
BothWays CountersOf(const NetworkNamespace& space, const std::string& device);

// Whether it tells of a packet that TCP or UDP port `port` sent or got.
bool IsPacketOf(const flow::Flow& flow, uint16_t port);
std::vector<flow::Flow> FlowsOf(const AgentProcess& agent, uint16_t port);

// What flows of one connection add up to.
BothWays SumOf(const std::vector<flow::Flow>& flows);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_CONNECTION_COUNTS_H_
