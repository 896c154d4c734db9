// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/node_status_text.h"

#include <string>
#include <vector>

#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

observer::GetFlowsResponse Response(relay::NodeState state, const std::vector<std::string>& names,
                                    const std::string& message = "") {
  observer::GetFlowsResponse response;
  response.set_node_name("relay");
  response.mutable_time()->set_seconds(1'700'000'000);
  relay::NodeStatusEvent* event = response.mutable_node_status();
  event->set_state_change(state);
  for (const std::string& name : names) event->add_node_names(name);
  event->set_message(message);
  return response;
}

std::string Text(const observer::GetFlowsResponse& response,
                 OutputFormat format = OutputFormat::kCompact, bool debug = false) {
  return NodeStatusText(response, format, TimeFormat::kStampMilli, debug);
}

TEST_CASE("what is wrong with nodes is said, the rest only for debugging", "[cli]") {
  const auto connected = Response(relay::NODE_CONNECTED, {"a", "b"});
  CHECK(Text(connected).empty());
  CHECK(Text(connected, OutputFormat::kTable, /*debug=*/true) ==
        "Nov 14 22:13:20.000 [relay]: Receiving flows from 2 nodes: a, b\n");
  CHECK(Text(Response(relay::NODE_UNAVAILABLE, {"c"})) ==
        "Nov 14 22:13:20.000 [relay]: 1 nodes are unavailable: c\n");
  CHECK(Text(Response(relay::NODE_ERROR, {"c"}, "no\n\"way\"")) ==
        "Nov 14 22:13:20.000 [relay]: Error \"no\\n\\\"way\\\"\" on 1 nodes: c\n");
  CHECK(Text(Response(relay::NODE_GONE, {"c"}), OutputFormat::kCompact, /*debug=*/true) ==
        "Nov 14 22:13:20.000 [relay]: 1 nodes removed from cluster: c\n");
}

TEST_CASE("a long list of nodes is cut off", "[cli]") {
  const std::string name(24, 'n');
  CHECK(Text(Response(relay::NODE_UNAVAILABLE, {name, name, name})) ==
        "Nov 14 22:13:20.000 [relay]: 3 nodes are unavailable: " + name + " (and 2 more)\n");
}

TEST_CASE("a node status has the form of the flows", "[cli]") {
  const auto response = Response(relay::NODE_ERROR, {"c"});
  CHECK(Text(response, OutputFormat::kDict) ==
        "  TIMESTAMP: Nov 14 22:13:20.000\n      STATE: NODE_ERROR\n      NODES: c\n"
        "    MESSAGE: N/A\n");
  CHECK(Text(response, OutputFormat::kJson) ==
        "{\"node_status\":{\"state_change\":\"NODE_ERROR\",\"node_names\":[\"c\"]},"
        "\"node_name\":\"relay\",\"time\":\"2023-11-14T22:13:20Z\"}\n");
}

}  // namespace
}  // namespace alidade
