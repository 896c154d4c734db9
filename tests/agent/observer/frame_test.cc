// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/frame.h"

#include <catch2/catch_test_macros.hpp>

#include "google/protobuf/text_format.h"
#include "observer/observer.pb.h"
#include "tests/agent/observer/test_ring.h"

namespace alidade {
namespace {

const NodeIdentity kNode{"node-1", "c1", {"a=b", "c=d"}};

StreamItem ItemOf(const std::string& flow_text) {
  flow::Flow flow;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(flow_text, &flow));
  StoredFlow stored = Store(flow);
  StreamItem item;
  item.header = stored.header;
  item.body = stored.body;
  return item;
}

observer::GetFlowsResponse Frame(const StreamItem& item, const std::vector<std::string>& paths) {
  google::protobuf::FieldMask mask;
  for (const std::string& path : paths) mask.add_paths(path);
  absl::StatusOr<FieldMask> compiled = FieldMask::Compile(mask);
  REQUIRE(compiled.ok());
  const NodeFrame node(kNode, "1.2.3");
  Framer framer(node, *std::move(compiled));
  std::string bytes = "left over";
  framer.Frame(item, 77 * kTestSecond, &bytes);
  observer::GetFlowsResponse response;
  REQUIRE(response.ParseFromString(bytes));
  return response;
}

TEST_CASE("what is constant for the node is spliced into a flow", "[observer]") {
  const auto response = Frame(ItemOf("uuid: 'u' time { seconds: 5 nanos: 6 }"), {});
  CHECK(response.flow().uuid() == "u");
  CHECK(response.flow().node_name() == "c1/node-1");
  CHECK(response.flow().node_labels_size() == 2);
  CHECK(response.flow().node_labels(1) == "c=d");
  CHECK(response.flow().emitter().name() == "alidade");
  CHECK(response.flow().emitter().version() == "1.2.3");
  CHECK(response.node_name() == "c1/node-1");
  CHECK(response.time().seconds() == 5);
  CHECK(response.time().nanos() == 6);
}

TEST_CASE("a flow keeps what it brings of its own", "[observer]") {
  const auto response =
      Frame(ItemOf("node_name: 'x' node_labels: 'y=z' emitter { name: 'Hubble' }"), {});
  CHECK(response.flow().node_name() == "x");
  CHECK(response.flow().node_labels_size() == 1);
  CHECK(response.flow().emitter().name() == "Hubble");
  CHECK(response.flow().emitter().version().empty());
  CHECK(response.node_name() == "x");
  CHECK_FALSE(response.has_time());
}

TEST_CASE("time and node name of a response are those of the masked flow", "[observer]") {
  const StreamItem item = ItemOf("uuid: 'u' time { seconds: 5 } verdict: DROPPED");
  const auto without = Frame(item, {"uuid"});
  CHECK(without.ShortDebugString() == "flow { uuid: \"u\" }");
  const auto with = Frame(item, {"uuid", "time", "node_name"});
  CHECK(with.flow().node_name() == "c1/node-1");
  CHECK(with.node_name() == "c1/node-1");
  CHECK(with.time().seconds() == 5);
  CHECK(Frame(item, {"emitter.name"}).ShortDebugString() ==
        "flow { emitter { name: \"alidade\" } }");
  CHECK(Frame(item, {"node_labels"}).flow().node_labels_size() == 2);
}

TEST_CASE("losses tell when and how many", "[observer]") {
  StreamItem item;
  item.is_ring_loss = true;
  item.loss = {3, 70 * kTestSecond, 71 * kTestSecond};
  const auto ring = Frame(item, {"uuid"});
  CHECK(ring.lost_events().source() == flow::HUBBLE_RING_BUFFER);
  CHECK(ring.lost_events().num_events_lost() == 3);
  CHECK(ring.lost_events().first().seconds() == 70);
  CHECK(ring.lost_events().last().seconds() == 71);
  CHECK_FALSE(ring.lost_events().has_cpu());
  CHECK(ring.time().seconds() == 77);
  CHECK(ring.node_name() == "c1/node-1");

  flow::LostEvent lost;
  lost.set_source(flow::PERF_EVENT_RING_BUFFER);
  lost.mutable_cpu()->set_value(0);
  const StoredFlow stored =
      StoreOther(EventKind::kLostEvent, 9 * kTestSecond, lost.SerializeAsString());
  item = {};
  item.header = stored.header;
  item.body = stored.body;
  const auto perf = Frame(item, {"uuid"});
  CHECK(perf.lost_events().source() == flow::PERF_EVENT_RING_BUFFER);
  CHECK(perf.lost_events().has_cpu());
  CHECK(perf.time().seconds() == 9);
}

TEST_CASE("agent events are framed as their own response", "[observer]") {
  flow::AgentEvent event;
  event.set_type(flow::AGENT_STARTED);
  const StoredFlow stored =
      StoreOther(EventKind::kAgentEvent, 9 * kTestSecond, event.SerializeAsString());
  StreamItem item;
  item.header = stored.header;
  item.body = stored.body;
  const NodeFrame node(kNode, "");
  Framer framer(node, {});
  std::string bytes;
  framer.Frame(item, 0, &bytes);
  observer::GetAgentEventsResponse response;
  REQUIRE(response.ParseFromString(bytes));
  CHECK(response.agent_event().type() == flow::AGENT_STARTED);
  CHECK(response.time().seconds() == 9);
  CHECK(response.node_name() == "c1/node-1");
}

}  // namespace
}  // namespace alidade
