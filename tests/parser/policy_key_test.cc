// SPDX-License-Identifier: Apache-2.0
#include "parser/policy_key.h"

#include <catch2/catch_test_macros.hpp>

#include "bpf/events.h"

namespace alidade {
namespace {

// An egress verdict of endpoint 7 about TCP port 80 of identity 900.
struct Verdict {
  Verdict() {
    local.info.id = 7;
    remote.info.identity = 900;
    record.event_type = NOTIFY_POLICY_VERDICT;
    record.verdict = flow::FORWARDED;
    record.traffic_direction = flow::EGRESS;
    record.policy_match_type = 2;
    record.packet.l4.protocol = L4Protocol::kTcp;
    record.packet.l4.destination_port = 80;
    record.source = &local;
    record.destination = &remote;
  }
  PolicyKey Key() { return PolicyKeyOf(record).value_or(PolicyKey()); }

  Endpoint local;
  Endpoint remote;
  FlowRecord record;
};

PolicyKey Egress(uint8_t protocol, uint16_t port, uint32_t remote_identity) {
  return {true, protocol, port, 7, remote_identity};
}

TEST_CASE("the match type says what of a packet the rule speaks of", "[parser]") {
  Verdict verdict;
  const std::pair<uint32_t, PolicyKey> kCases[] = {
      {0, Egress(6, 80, 900)}, {1, Egress(0, 0, 900)}, {2, Egress(6, 80, 900)},
      {3, Egress(6, 80, 0)},   {4, Egress(0, 0, 0)},   {5, Egress(6, 0, 900)},
      {6, Egress(6, 0, 0)},    {7, Egress(6, 80, 900)}};
  for (const auto& [match_type, key] : kCases) {
    INFO(match_type);
    verdict.record.policy_match_type = match_type;
    CHECK(verdict.Key() == key);
  }
}

TEST_CASE("at ingress the destination is the endpoint", "[parser]") {
  Verdict verdict;
  verdict.record.traffic_direction = flow::INGRESS;
  std::swap(verdict.record.source, verdict.record.destination);
  CHECK(verdict.Key() == PolicyKey{false, 6, 80, 7, 900});
}

TEST_CASE("the type of an ICMP message stands for its port", "[parser]") {
  Verdict verdict;
  verdict.record.packet.l4.protocol = L4Protocol::kIcmpV6;
  verdict.record.packet.l4.type = 128;
  CHECK(verdict.Key() == Egress(58, 128, 900));
  verdict.record.packet.l4.type = 0;
  CHECK_FALSE(PolicyKeyOf(verdict.record).has_value());
}

TEST_CASE("only a rule's own decision is looked up", "[parser]") {
  Verdict verdict;
  FlowRecord& record = verdict.record;
  record.verdict = flow::REDIRECTED;
  CHECK(PolicyKeyOf(record).has_value());
  record.verdict = flow::AUDIT;
  CHECK_FALSE(PolicyKeyOf(record).has_value());
  record.verdict = flow::DROPPED;
  record.drop_reason = flow::POLICY_DENIED;
  CHECK_FALSE(PolicyKeyOf(record).has_value());
  record.drop_reason = flow::POLICY_DENY;
  CHECK(PolicyKeyOf(record).has_value());
  record.event_type = NOTIFY_DROP;
  CHECK_FALSE(PolicyKeyOf(record).has_value());
}

}  // namespace
}  // namespace alidade
