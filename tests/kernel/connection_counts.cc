// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/connection_counts.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "tests/kernel/extension.h"

namespace alidade::testing {
namespace {

uint64_t Count(const flow::Flow& flow, const std::string& key) {
  return static_cast<uint64_t>(NumberIn(flow, key));
}

}  // namespace

BothWays CountersOf(const NetworkNamespace& space, const std::string& device) {
  const auto stats = nlohmann::json::parse(space.Ip("-s -j link show dev " + device))[0]["stats64"];
  const auto read = [&](const char* way) {
    return Traffic{stats[way]["packets"].get<uint64_t>(), stats[way]["bytes"].get<uint64_t>()};
  };
  return {read("tx"), read("rx")};
}

bool IsPacketOf(const flow::Flow& flow, uint16_t port) {
  return flow.type() == flow::L3_L4 && flow.verdict() == flow::FORWARDED &&
         (flow.l4().tcp().source_port() == port || flow.l4().tcp().destination_port() == port ||
          flow.l4().udp().source_port() == port || flow.l4().udp().destination_port() == port);
}

std::vector<flow::Flow> FlowsOf(const AgentProcess& agent, uint16_t port) {
  std::vector<flow::Flow> flows;
  for (flow::Flow& flow : agent.Flows()) {
    if (IsPacketOf(flow, port)) flows.push_back(std::move(flow));
  }
  return flows;
}

BothWays SumOf(const std::vector<flow::Flow>& flows) {
  BothWays sum;
  for (const flow::Flow& flow : flows) {
    const bool to_pod = flow.trace_observation_point() == flow::TO_ENDPOINT;
    Traffic& same = to_pod ? sum.to_pod : sum.from_pod;
    Traffic& other = to_pod ? sum.from_pod : sum.to_pod;
    same.packets += Count(flow, "packets");
    same.bytes += Count(flow, "bytes");
    other.packets += Count(flow, "reverse_packets");
    other.bytes += Count(flow, "reverse_bytes");
  }
  return sum;
}

}  // namespace alidade::testing
