// SPDX-License-Identifier: Apache-2.0
//
// One event of a monitor as a JSON object on a line: what a kernel ring or an agent gave, before
// any of it is decoded.
#ifndef ALIDADE_AGENT_RECORDING_RECORDED_EVENT_H_
#define ALIDADE_AGENT_RECORDING_RECORDED_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "agent/recording/json_members.h"
#include "parser/agent_event.h"
#include "parser/l7/access_log.h"
#include "parser/lost_event.h"
#include "parser/raw_event.h"

namespace alidade {

// A record of a kernel ring.
struct PerfSample {
  std::string bytes;
  uint32_t cpu = 0;
  int64_t time_ns = 0;           // since the Unix epoch; 0: not recorded
  std::optional<Origin> origin;  // not recorded: whoever reads it knows
};

// A message inside the agent. An event type of 129 or 130 says which object it should hold.
struct AgentMessage {
  int64_t event_type = 0;
  std::optional<AgentNotification> notification;  // nothing: an object of another kind
};

struct NoPayload {};       // an event without anything in it
struct UnknownPayload {};  // an object that no monitor sends

using RecordedEvent =
    std::variant<NoPayload, UnknownPayload, PerfSample, LostRecord, AgentMessage, AccessLog>;

// Reads an object whose member `input` says what else it has:
//   perf       cpu, data_hex (absent: no bytes), and what only a recording has: time (RFC 3339),
//              origin (cilium, ebpf)
//   lost       lost {source, num_lost, cpu, first, last}; a recording also has time
//   agent      agent {event_type, notify_type, notification, fields}
//   accesslog  accesslog {...}
//   nil, unknown_payload
// Errors: kInvalidArgument; throws Json::exception where a member has the wrong type.
absl::StatusOr<RecordedEvent> ReadRecordedEvent(const Json& object);

// Parts of the above. They throw Json::exception where a member has the wrong type.
AccessLog ReadAccessLog(const Json& object);
AgentMessage ReadAgentMessage(const Json& object);

// Parses text that somebody else wrote. Errors: kInvalidArgument: no JSON, or nested deeper than
// any event is.
absl::StatusOr<Json> ParseJson(const std::string& text);

// A line for `sample`, as ReadRecordedEvent takes it.
std::string WriteRecordedEvent(const PerfSample& sample);
// Of a loss only source, count and CPU are kept.
std::string WriteRecordedEvent(const LostRecord& lost, int64_t time_ns);

}  // namespace alidade

#endif  // ALIDADE_AGENT_RECORDING_RECORDED_EVENT_H_
