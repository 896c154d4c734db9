// SPDX-License-Identifier: Apache-2.0
#include "parser/policy_key.h"

#include "bpf/events.h"

namespace alidade {
namespace {

// Numbers of the datapath. What is not among them matched on everything.
enum MatchType : uint32_t {
  kMatchL3Only = 1,
  kMatchL4Only = 3,
  kMatchAll = 4,
  kMatchL3Protocol = 5,
  kMatchProtocolOnly = 6,
};

bool IsDecidedByRule(const FlowRecord& record) {
  if (record.event_type != NOTIFY_POLICY_VERDICT) return false;
  if (record.verdict == flow::DROPPED) return record.drop_reason == flow::POLICY_DENY;
  return record.verdict == flow::FORWARDED || record.verdict == flow::REDIRECTED;
}

struct Destination {
  uint8_t protocol = 0;  // IP protocol number
  uint16_t port = 0;     // of ICMP, the type
};

Destination DestinationOf(const L4Layer& l4) {
  switch (l4.protocol) {
    case L4Protocol::kTcp:
      return {6, l4.destination_port};
    case L4Protocol::kUdp:
      return {17, l4.destination_port};
    case L4Protocol::kSctp:
      return {132, l4.destination_port};
    case L4Protocol::kIcmpV4:
      return {1, l4.type};
    case L4Protocol::kIcmpV6:
      return {58, l4.type};
    case L4Protocol::kVrrp:
    case L4Protocol::kIgmp:
    case L4Protocol::kNone:
      break;
  }
  return {};
}

}  // namespace

std::optional<PolicyKey> PolicyKeyOf(const FlowRecord& record) {
  if (!IsDecidedByRule(record)) return std::nullopt;
  const Destination destination = DestinationOf(record.packet.l4);
  if (destination.protocol == 0 || destination.port == 0) return std::nullopt;

  const bool is_egress = record.traffic_direction == flow::EGRESS;
  const Endpoint* local = is_egress ? record.source : record.destination;
  const Endpoint* remote = is_egress ? record.destination : record.source;
  PolicyKey key;
  key.is_egress = is_egress;
  if (local != nullptr) key.endpoint_id = local->info.id;
  const uint32_t match = record.policy_match_type;
  if (match != kMatchL4Only && match != kMatchProtocolOnly && match != kMatchAll) {
    if (remote != nullptr) key.remote_identity = remote->info.identity;
  }
  if (match != kMatchL3Only && match != kMatchAll) key.protocol = destination.protocol;
  const bool any_port = match == kMatchL3Protocol || match == kMatchProtocolOnly;
  if (key.protocol != 0 && !any_port) key.port = destination.port;
  return key;
}

}  // namespace alidade
