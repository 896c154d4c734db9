// SPDX-License-Identifier: Apache-2.0
//
// The Observer's methods against what the genuine ones answered. A method is asked as its call asks
// it (agent/observer/methods.h), without a transport between: so a vector decides between which two
// messages the store grows.
//
// Our store shows its newest event at once. So the event that the reference needs behind it, the
// guard, is stored only when a vector expects to count or to see it, and then as late as the
// reference shows it: before the next write.
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "agent/filter/concat.h"
#include "agent/observer/methods.h"
#include "agent/observer/timestamp.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "observer/observer.pb.h"
#include "tests/agent/filter/stored_flow.h"
#include "tests/vectors/vector_proto.h"
#include "tests/vectors/vector_run.h"

namespace alidade::testing {
namespace {

using google::protobuf::util::MessageDifferencer;
using nlohmann::json;

constexpr char kGuard[] = "guard";
constexpr char kGuardTime[] = "2024-03-01T12:01:00Z";
// More turns than any vector needs, so that a responder that never rests fails.
constexpr int kMostTurns = 100'000;

int64_t ReadTime(const json& text) {
  return *FromTimestamp(ReadProto<google::protobuf::Timestamp>(text));
}

StoredFlow ReadEvent(const json& event) {
  const int64_t time_ns = ReadTime(event["time"]);
  if (event.contains("flow")) {
    StoredFlow stored = Store(ReadProto<flow::Flow>(event["flow"]));
    stored.header.time_ns = time_ns;
    return stored;
  }
  if (event.contains("agent_event")) {
    return StoreOther(EventKind::kAgentEvent, time_ns,
                      ReadProto<flow::AgentEvent>(event["agent_event"]).SerializeAsString());
  }
  if (event.contains("debug_event")) {
    return StoreOther(EventKind::kDebugEvent, time_ns,
                      ReadProto<flow::DebugEvent>(event["debug_event"]).SerializeAsString());
  }
  return StoreOther(EventKind::kLostEvent, time_ns,
                    ReadProto<flow::LostEvent>(event["lost_event"]).SerializeAsString());
}

const json& Table() {
  static const json* const table = new json(ReadVectorTable("observer.rings.json"));
  return *table;
}

// The events that vectors name.
const std::map<std::string, StoredFlow>& ExtraEvents() {
  static const auto* const events = [] {
    auto* all = new std::map<std::string, StoredFlow>;
    for (const json& event : Table()["extra_events"]) {
      all->emplace(event["id"].get<std::string>(), ReadEvent(event));
    }
    all->emplace(kGuard, ReadEvent({{"time", kGuardTime}, {"flow", {{"uuid", kGuard}}}}));
    return all;
  }();
  return *events;
}

// A server's state around the ring that a vector names.
enum class Guard { kNever, kAtOnce, kBeforeWrite };

class Server {
 public:
  Server(const json& vector, Guard guard)
      : description_(Table()["rings"][vector["ring"].get<std::string>()]),
        ring_({.capacity = description_["capacity"].get<uint32_t>(),
               .header_bytes = sizeof(FlowHeader)}),
        state_{.ring = ring_,
               .ledger = ledger_,
               .node = {},
               .node_frame = BareFrame(),
               .version = {},
               .start_ns = 0,
               .loss_interval_ns = LossInterval(vector),
               .fill_status = {},
               .streams = {},
               .peers = {},
               .serving = true} {
    const json& events = description_["events"];
    for (const json& event : events.is_null() ? json::array() : events) {
      const StoredFlow stored = ReadEvent(event);
      ids_[stored.body] = event["id"];
      Append(stored, &ring_);
    }
    if (guard == Guard::kNever || !description_.value("guard", false)) return;
    guard_owed_ = true;
    if (guard == Guard::kAtOnce) Write({});
  }

  // Stores the events of these names.
  void Write(const std::vector<std::string>& ids) {
    if (std::exchange(guard_owed_, false)) WriteOne(kGuard);
    for (const std::string& id : ids) WriteOne(id);
  }

  absl::StatusOr<std::unique_ptr<Responder>> Start(const std::string& rpc,
                                                   const std::string& request) {
    for (const Method& method : Methods()) {
      const PathParts parts = SplitPath(method.path);
      if (parts.service != "observer.Observer" || parts.method != rpc) continue;
      const grpc::Slice slice(request);
      grpc::ByteBuffer bytes(&slice, 1);
      return method.start({state_, &bytes, "test", parts.method});
    }
    return absl::NotFoundError(rpc);
  }

  // The id of an event that is no flow, from its bytes.
  std::string IdOf(const google::protobuf::Message& event) const {
    const auto found = ids_.find(event.SerializeAsString());
    return found == ids_.end() ? "?" : found->second;
  }

 private:
  // What a node adds to its flows is left out: the vectors' flows bring what they have.
  static NodeFrame BareFrame() {
    NodeFrame frame({}, {});
    frame.flow_emitter.clear();
    return frame;
  }

  static int64_t LossInterval(const json& vector) {
    absl::Duration interval;
    if (!absl::ParseDuration(vector["lost_event_send_interval"].get<std::string>(), &interval)) {
      throw std::runtime_error("lost_event_send_interval");
    }
    return absl::ToInt64Nanoseconds(interval);
  }

  void WriteOne(const std::string& id) {
    const StoredFlow& stored = ExtraEvents().at(id);
    ids_[stored.body] = id;
    Append(stored, &ring_);
  }

  const json& description_;
  bool guard_owed_ = false;
  EventRing ring_;
  Ledger ledger_;
  ServerState state_;
  std::map<std::string, std::string> ids_;  // by bytes
};

json DescribeLoss(const flow::LostEvent& lost) {
  return {{"lost",
           {{"source", flow::LostEventSource_Name(lost.source())},
            {"num_events_lost", lost.num_events_lost()}}}};
}

// How an `expect` would tell this response.
json Describe(const Server& server, const std::string& rpc, const std::string& message,
              bool masked) {
  if (rpc == "GetAgentEvents") {
    observer::GetAgentEventsResponse response;
    response.ParseFromString(message);
    return {{"agent", server.IdOf(response.agent_event())}};
  }
  if (rpc == "GetDebugEvents") {
    observer::GetDebugEventsResponse response;
    response.ParseFromString(message);
    return {{"debug", server.IdOf(response.debug_event())}};
  }
  observer::GetFlowsResponse response;
  response.ParseFromString(message);
  if (response.has_lost_events()) return DescribeLoss(response.lost_events());
  if (!masked) return {{"flow", response.flow().uuid()}};
  return {{"response", response.DebugString()}};
}

// Responses as protobuf prints them, and losses that follow each other as one: how they are
// grouped into messages is a matter of time.
json Normalize(const json& expect) {
  json items = json::array();
  for (json item : expect) {
    if (item.contains("response") && item["response"].is_object()) {
      item["response"] = ReadProto<observer::GetFlowsResponse>(item["response"]).DebugString();
    }
    const bool joins = item.contains("lost") && !items.empty() && items.back().contains("lost") &&
                       items.back()["lost"]["source"] == item["lost"]["source"];
    if (joins) {
      json& total = items.back()["lost"]["num_events_lost"];
      total = total.get<uint64_t>() + item["lost"]["num_events_lost"].get<uint64_t>();
    } else {
      items.push_back(std::move(item));
    }
  }
  return items;
}

std::string ReadRequest(const json& vector) {
  const std::string rpc = vector["rpc"];
  const json& text = vector["request"];
  if (rpc == "GetAgentEvents") {
    return ReadProto<observer::GetAgentEventsRequest>(text).SerializeAsString();
  }
  if (rpc == "GetDebugEvents") {
    return ReadProto<observer::GetDebugEventsRequest>(text).SerializeAsString();
  }
  if (rpc != "GetFlows") return {};
  auto request = ReadProto<observer::GetFlowsRequest>(text);
  if (vector.contains("field_mask_paths")) {
    request.mutable_field_mask();
    for (const json& path : vector["field_mask_paths"]) {
      request.mutable_field_mask()->add_paths(path.get<std::string>());
    }
  }
  return request.SerializeAsString();
}

// Asks for messages until the stream ends or rests for good.
class Run {
 public:
  Run(const json& vector, Server* server) : vector_(vector), server_(*server) {
    live_ = vector.value("live", std::vector<std::string>());
    if (!live_.empty() && live_.back() == kGuard) live_.pop_back();
    masked_ = !vector.value("field_mask_paths", std::vector<std::string>()).empty();
  }

  // What the client got; `ends` becomes how the stream ended.
  json Play(Responder* responder, std::string* ends) {
    json items = json::array();
    std::string message;
    for (int turn = 0; turn < kMostTurns; ++turn) {
      switch (responder->Next(&message)) {
        case Responder::Step::kMessage:
          items.push_back(Describe(server_, vector_["rpc"], message, masked_));
          OnDeliver(items.back());
          break;
        case Responder::Step::kYield:
          break;
        case Responder::Step::kDone:
          *ends = "returned";
          return items;
        case Responder::Step::kWait:
        case Responder::Step::kPark:
          if (live_.empty()) {
            *ends = "cancelled";
            return items;
          }
          server_.Write(std::exchange(live_, {}));
          break;
      }
    }
    *ends = "never";
    return items;
  }

 private:
  void OnDeliver(const json& item) {
    if (item.contains("lost") || !vector_.contains("on_deliver")) return;
    const json& rule = vector_["on_deliver"];
    if (++delivered_ != rule["count"].get<int>()) return;
    server_.Write(rule["write"].get<std::vector<std::string>>());
  }

  const json& vector_;
  Server& server_;
  std::vector<std::string> live_;
  bool masked_ = false;
  int delivered_ = 0;
};

VectorFailure CheckStatus(const json& vector, Responder* responder) {
  std::string message;
  responder->Next(&message);
  observer::ServerStatusResponse got;
  got.ParseFromString(message);
  // These are about the server, not the ring.
  got.clear_version();
  got.clear_uptime_ns();
  got.clear_flows_rate();
  const auto expected = ReadProto<observer::ServerStatusResponse>(vector["expect_status"]);
  if (MessageDifferencer::Equals(expected, got)) return std::nullopt;
  return Concat("expected ", expected.ShortDebugString(), ", got ", got.ShortDebugString());
}

VectorFailure Check(const json& vector) {
  const std::string rpc = vector["rpc"];
  const bool shows_guard = vector["expect"].dump().find(kGuard) != std::string::npos;
  Server server(vector, rpc == "ServerStatus" ? Guard::kAtOnce
                        : shows_guard         ? Guard::kBeforeWrite
                                              : Guard::kNever);
  const auto started = server.Start(rpc, ReadRequest(vector));
  if (vector.contains("error")) {
    const std::string expected = vector["error"]["code"];
    // Go's names of the codes, of which the vectors have these two.
    const auto code = expected == "InvalidArgument" ? absl::StatusCode::kInvalidArgument
                                                    : absl::StatusCode::kUnknown;
    if (started.status().code() == code) return std::nullopt;
    return Concat("expected ", expected, ", got ", started.status().ToString());
  }
  if (!started.ok()) return Concat("got the error ", started.status().ToString());
  if (vector.contains("expect_status")) return CheckStatus(vector, started->get());

  std::string ends;
  const json got = Normalize(Run(vector, &server).Play(started->get(), &ends));
  const json expected = Normalize(vector["expect"]);
  if (got != expected) return Concat("expected ", expected.dump(), ", got ", got.dump());
  if (vector["ends"] != ends)
    return Concat("expected the end ", vector["ends"].dump(), ", got ", ends);
  return std::nullopt;
}

}  // namespace
}  // namespace alidade::testing

int main() { return alidade::testing::RunVectors("observer", alidade::testing::Check); }
