// SPDX-License-Identifier: Apache-2.0
//
// What an agent tells of its own life, as flow.AgentEvent. These are rare, so they are protobuf
// objects.
#ifndef ALIDADE_PARSER_AGENT_EVENT_H_
#define ALIDADE_PARSER_AGENT_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "flow/flow.pb.h"

namespace alidade {

// Numbers of Cilium's monitor, which differ from flow.AgentEventType for 3 to 6.
enum class AgentNotificationType : uint32_t {
  kStart = 2,
  kRegenerateSuccess = 3,
  kRegenerateFailure = 4,
  kPolicyUpdated = 5,
  kPolicyDeleted = 6,
  kEndpointCreated = 7,
  kEndpointDeleted = 8,
  kIpCacheUpserted = 9,
  kIpCacheDeleted = 10,
};

struct AgentStarted {
  std::string time;  // RFC 3339
};

struct PolicyUpdate {
  std::vector<std::string> labels;
  uint64_t revision = 0;
  int64_t rule_count = 0;
};

struct EndpointRegenerate {
  uint64_t id = 0;
  std::vector<std::string> labels;
  std::string error;  // empty: success
};

struct EndpointUpdate {
  uint64_t id = 0;
  std::vector<std::string> labels;
  std::string error;
  std::string pod_name;
  std::string namespace_name;
};

struct IpCacheUpdate {
  std::string cidr;
  uint32_t identity = 0;
  std::optional<uint32_t> old_identity;
  std::string host_ip;  // canonical text; empty: none
  std::string old_host_ip;
  uint8_t encrypt_key = 0;
  std::string namespace_name;
  std::string pod_name;
};

struct AgentNotification {
  AgentNotificationType type{};
  std::variant<std::monostate, AgentStarted, PolicyUpdate, EndpointRegenerate, EndpointUpdate,
               IpCacheUpdate>
      payload;
  std::string json;  // the payload as its sender writes it
};

// A notification whose payload is not that of its type becomes an AgentEventUnknown with the
// payload's JSON. Source: event-format section 8.
flow::AgentEvent ToAgentEvent(const AgentNotification& notification);

}  // namespace alidade

#endif  // ALIDADE_PARSER_AGENT_EVENT_H_
