// SPDX-License-Identifier: Apache-2.0
//
// The small fixed header that stands before a flow's wire bytes in the store: the numeric fields
// that filters look at, so that most flows are decided without touching their bytes.
#ifndef ALIDADE_PARSER_FLOW_HEADER_H_
#define ALIDADE_PARSER_FLOW_HEADER_H_

#include <array>
#include <cstdint>
#include <type_traits>

#include "parser/flow_record.h"

namespace alidade {

// The kinds that the store holds, in arrival order, each with its message's wire bytes: flow.Flow,
// flow.AgentEvent, flow.DebugEvent, flow.LostEvent. Numbers are ours.
enum class EventKind : uint8_t { kFlow = 1, kAgentEvent = 2, kDebugEvent = 3, kLostEvent = 4 };

// Host byte order except addresses. For kinds other than kFlow only time_ns and kind are set.
struct FlowHeader {
  int64_t time_ns = 0;  // first: readers search the store by it
  std::array<uint8_t, 16> uuid{};
  std::array<uint8_t, 16> source_ip{};  // IpAddress::bytes
  std::array<uint8_t, 16> destination_ip{};
  uint32_t source_handle = 0;  // Endpoint::handle; 0: none
  uint32_t destination_handle = 0;
  uint32_t source_identity = 0;
  uint32_t destination_identity = 0;
  uint32_t drop_reason = 0;
  uint32_t interface_index = 0;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint16_t tcp_flags = 0;
  EventKind kind = EventKind::kFlow;
  uint8_t verdict = 0;         // flow.Verdict
  uint8_t type = 0;            // flow.FlowType
  uint8_t event_type = 0;      // flow.CiliumEventType.type
  uint8_t event_sub_type = 0;  // flow.CiliumEventType.sub_type
  uint8_t ip_version = 0;      // flow.IPVersion
  L4Protocol l4_protocol = L4Protocol::kNone;
  Maybe is_reply = Maybe::kAbsent;
  uint8_t traffic_direction = 0;  // flow.TrafficDirection
  bool has_tcp_flags = false;
  bool has_event_type = false;
  bool has_source = false;  // the endpoint message is there
  bool has_destination = false;
  bool encrypted = false;
  std::array<uint8_t, 4> reserved{};
};
static_assert(std::is_trivially_copyable_v<FlowHeader>);
static_assert(sizeof(FlowHeader) % 8 == 0, "the store copies 8-byte words");

// The header of an enriched record.
FlowHeader MakeFlowHeader(const FlowRecord& record);

}  // namespace alidade

#endif  // ALIDADE_PARSER_FLOW_HEADER_H_
