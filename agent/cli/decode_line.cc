// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/decode_line.h"

#include "absl/strings/ascii.h"
#include "agent/recording/proto_json.h"
#include "agent/recording/recorded_event.h"
#include "flow/flow.pb.h"
#include "parser/debug_record.h"
#include "parser/l7/l7_parser.h"
#include "parser/parser.h"

namespace alidade {
namespace {

// Why an input yields nothing, beyond what the parser says of events.
constexpr char kUnknownEventType[] = "unknown_event_type";
constexpr char kInvalidAgentMessage[] = "invalid_agent_message_type";

constexpr int64_t kEventAccessLog = 129;
constexpr int64_t kEventAgent = 130;

struct LineOptions {
  bool skip_unknown_cgroups = true;
  EnrichOptions enrich;
  Redaction redaction;
};

Redaction ReadRedaction(const Json& object) {
  Redaction redaction;
  redaction.enabled = true;
  redaction.url_query = Boolean(object, "http_query", false);
  redaction.url_password = Boolean(object, "http_userinfo", false);
  redaction.kafka_api_key = Boolean(object, "kafka_api_key", false);
  for (const std::string& key : Texts(object, "allow_headers")) {
    redaction.allowed_headers.insert(absl::AsciiStrToLower(key));
  }
  for (const std::string& key : Texts(object, "deny_headers")) {
    redaction.denied_headers.insert(absl::AsciiStrToLower(key));
  }
  return redaction;
}

LineOptions ReadOptions(const Json& line, const World& world) {
  LineOptions options;
  options.enrich.ip_tracing_option_type = world.ip_tracing_option_type();
  const Json* object = Member(line, "options");
  if (object == nullptr) return options;
  options.skip_unknown_cgroups = Boolean(*object, "skip_unknown_cgroup_ids", true);
  options.enrich.correlate_policies = Boolean(*object, "policy_correlation", true);
  if (Member(*object, "ip_tracing_option_type") != nullptr) {
    options.enrich.ip_tracing_option_type = Integer<uint32_t>(*object, "ip_tracing_option_type");
  }
  if (const Json* redact = Member(*object, "redact")) options.redaction = ReadRedaction(*redact);
  return options;
}

Json Failure(const char* error) { return {{"error", error}}; }
Json Failure(DecodeError error) { return {{"error", std::string(DecodeErrorName(error))}}; }

Json Success(const char* kind, const google::protobuf::Message& message) {
  return {{"expect_kind", kind}, {"expect", Json::parse(ToJson(message))}};
}

// Decodes events one after another with one parser, which remembers.
class EventDecoder {
 public:
  EventDecoder(const LineOptions& options, Origin origin, const World& world)
      : options_(options), origin_(origin), world_(world), l7_parser_(options.redaction) {}

  Json operator()(NoPayload) { return Failure(DecodeError::kEmptyData); }
  Json operator()(UnknownPayload) { return Failure(kUnknownEventType); }

  Json operator()(const PerfSample& sample) {
    RawEvent event;
    event.bytes = std::as_bytes(std::span(sample.bytes));
    event.time_ns = sample.time_ns;
    event.cpu = sample.cpu;
    event.origin = sample.origin.value_or(origin_);
    FlowRecord record;
    const DecodeError error = Decode(event, &record);
    if (error == DecodeError::kNotAFlow) return Debug(event);
    if (error != DecodeError::kNone) return Failure(error);
    Enrich(world_, &record, options_.enrich);
    if (options_.skip_unknown_cgroups && IsOfUnknownPod(record)) {
      return Failure(DecodeError::kEventSkipped);
    }
    return Flow(record);
  }

  Json operator()(const LostRecord& lost) { return Success("lost_event", ToLostEvent(lost)); }

  Json operator()(const AgentMessage& message) {
    if (message.event_type != kEventAccessLog && message.event_type != kEventAgent) {
      return Failure(kUnknownEventType);
    }
    if (message.event_type == kEventAccessLog || !message.notification) {
      return Failure(kInvalidAgentMessage);
    }
    return Success("agent_event", ToAgentEvent(*message.notification));
  }

  Json operator()(const AccessLog& log) {
    FlowRecord record;
    const DecodeError error = l7_parser_.Decode(log, &record);
    if (error != DecodeError::kNone) return Failure(error);
    l7_parser_.Enrich(world_, &record);
    return Flow(record);
  }

 private:
  Json Flow(const FlowRecord& record) {
    std::string wire(MaxEncodedFlowBytes(record), '\0');
    wire.resize(EncodeFlow(record, wire.data()));
    flow::Flow flow;
    flow.ParseFromString(wire);
    flow.set_node_name(world_.node_name());
    flow.clear_time();
    flow.clear_uuid();
    flow.clear_emitter();
    return Success("flow", flow);
  }

  Json Debug(const RawEvent& event) {
    DebugRecord record;
    const DecodeError error = DecodeDebug(event, &record);
    if (error != DecodeError::kNone) return Failure(error);
    EnrichDebug(world_, &record);
    std::string wire(MaxEncodedDebugBytes(record), '\0');
    wire.resize(EncodeDebugEvent(record, wire.data()));
    flow::DebugEvent message;
    message.ParseFromString(wire);
    return Success("debug_event", message);
  }

  const LineOptions& options_;
  const Origin origin_;
  const World& world_;
  L7Parser l7_parser_;
};

Json DecodeObject(const Json& line, Origin origin, const World& world) {
  const LineOptions options = ReadOptions(line, world);
  EventDecoder decoder(options, origin, world);
  for (const Json& prior : Elements(line, "prior")) {
    absl::StatusOr<RecordedEvent> event = ReadRecordedEvent(prior);
    if (!event.ok()) return Failure(DecodeError::kBadLine);
    std::visit(decoder, *event);
  }
  absl::StatusOr<RecordedEvent> event = ReadRecordedEvent(line);
  return event.ok() ? std::visit(decoder, *event) : Failure(DecodeError::kBadLine);
}

}  // namespace

std::string DecodeLine(const std::string& line, Origin origin, const World& world) {
  nlohmann::ordered_json result = nlohmann::ordered_json::object();
  Json answer = Failure(DecodeError::kBadLine);
  try {
    absl::StatusOr<Json> object = ParseJson(line);
    if (object.ok()) {
      result["name"] = Text(*object, "name");
      answer = DecodeObject(*object, origin, world);
    }
  } catch (const Json::exception&) {
    // A member of another type: the answer stays what it is.
  }
  for (const char* member : {"error", "expect_kind", "expect"}) {
    if (answer.contains(member)) result[member] = answer[member];
  }
  return result.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace alidade
