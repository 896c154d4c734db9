// SPDX-License-Identifier: Apache-2.0
//
// The words that Hubble's command line client uses for numbers of the API, where they differ from
// the names of the enums. Facts of contract parts 5.7, 7.3 and 7.4.
#ifndef ALIDADE_AGENT_CLI_HUBBLE_NAMES_H_
#define ALIDADE_AGENT_CLI_HUBBLE_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace alidade {

// CiliumEventType.type of flows, and of agent events in filters.
enum FlowEventType : int32_t {
  kEventDrop = 1,
  kEventCapture = 3,
  kEventTrace = 4,
  kEventPolicyVerdict = 5,
  kEventSock = 7,
  kEventAgent = 130,
};

// `trace`, `l7`, ... as a CiliumEventType.type.
std::optional<int32_t> EventTypeByName(const std::string& name);

// `to-endpoint`, ... of CiliumEventType.sub_type of a trace. An unknown number is its own text.
std::string TracePointText(uint8_t sub_type);
std::optional<int32_t> TracePointByName(const std::string& name);

// `endpoint-created`, ... as the sub type of an event of type agent.
std::optional<int32_t> AgentEventByName(const std::string& name);

// Of CiliumEventType.sub_type of a drop: `Policy denied`; `<n>, 0` for an unknown number.
std::string DropReasonText(uint8_t reason);

// `none`, `L3-Only`, ... of Flow.policy_match_type.
std::string PolicyMatchText(uint32_t match_type);

// `(world)` for an identity that is reserved, `(ID:1234)` for others.
std::string IdentityText(uint32_t identity);
// Those that flags name, in the order of their numbers.
std::vector<std::string> ReservedIdentityNames();
// A name, but not `unknown`, or a number.
std::optional<uint32_t> ParseIdentity(const std::string& text);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_HUBBLE_NAMES_H_
