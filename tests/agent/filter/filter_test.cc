// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/filter.h"

#include <vector>

#include "tests/agent/filter/filter_case.h"

namespace alidade {
namespace {

FlowFilterList Filters(const std::vector<std::string>& texts) {
  FlowFilterList list;
  for (const std::string& text : texts) *list.Add() = FromText<flow::FlowFilter>(text);
  return list;
}

FilterAnswer Judge(const std::vector<std::string>& whitelist,
                   const std::vector<std::string>& blacklist, const std::string& flow) {
  absl::StatusOr<FilterSet> filters = CompileFilters(Filters(whitelist), Filters(blacklist), {});
  REQUIRE(filters.ok());
  const StoredFlow event = Store(FromText<flow::Flow>(flow));
  TestBody body(event.body);
  return filters->Judge(event.header, &body);
}

constexpr char kFlow[] =
    "verdict: DROPPED source { namespace: 'a' pod_name: 'p' } "
    "l4 { TCP { destination_port: 80 } }";

TEST_CASE("whitelists add up, blacklists take away, and the blacklist wins", "[filter]") {
  struct Case {
    std::vector<std::string> whitelist;
    std::vector<std::string> blacklist;
    bool passes;
  };
  const Case cases[] = {
      {{}, {}, true},
      {{"source_pod: 'a/'"}, {}, true},
      {{"source_pod: 'b/'"}, {}, false},
      {{"source_pod: 'b/'", "source_pod: 'a/'"}, {}, true},
      {{"source_pod: 'a/' destination_port: '81'"}, {}, false},
      {{"source_pod: 'b/'", ""}, {}, true},
      {{}, {"source_pod: 'b/'"}, true},
      {{}, {"source_pod: 'b/'", "verdict: DROPPED"}, false},
      {{}, {"source_pod: 'a/' destination_port: '81'"}, true},
      {{}, {""}, false},
      {{"source_pod: 'a/'"}, {"destination_port: '80'"}, false},
  };
  for (const Case& one : cases) {
    CHECK((Judge(one.whitelist, one.blacklist, kFlow) == FilterAnswer::kPass) == one.passes);
  }
}

TEST_CASE("a filter that the header decides never fetches the bytes", "[filter]") {
  const StoredFlow event = Store(FromText<flow::Flow>(kFlow));
  const char* const filters[] = {"verdict: DROPPED destination_port: '80' protocol: 'tcp'",
                                 "verdict: FORWARDED source_pod: 'a/'", "reply: true"};
  for (const char* filter : filters) {
    absl::StatusOr<FilterSet> set = CompileFilters(OneFilter(filter), {}, {});
    REQUIRE(set.ok());
    TestBody body(event.body);
    set->Judge(event.header, &body);
    INFO(filter);
    CHECK(body.fetches() == 0);
  }
}

TEST_CASE("the bytes are fetched once, however many fields need them", "[filter]") {
  const StoredFlow event = Store(FromText<flow::Flow>(kFlow));
  absl::StatusOr<FilterSet> set =
      CompileFilters(OneFilter("source_pod: 'a/' source_label: '!x' trace_id: ''"),
                     OneFilter("destination_fqdn: '*'"), {});
  REQUIRE(set.ok());
  TestBody body(event.body);
  CHECK(set->Judge(event.header, &body) == FilterAnswer::kPass);
  CHECK(body.fetches() == 1);
}

TEST_CASE("bytes that are overwritten make no answer and are not remembered", "[filter]") {
  StoredFlow event = Store(FromText<flow::Flow>(kFlow));
  event.header.source_handle = 7;
  absl::StatusOr<FilterSet> set = CompileFilters(OneFilter("source_pod: 'a/'"), {}, {});
  REQUIRE(set.ok());
  TestBody gone(std::nullopt);
  CHECK(set->Judge(event.header, &gone) == FilterAnswer::kGone);
  TestBody there(event.body);
  CHECK(set->Judge(event.header, &there) == FilterAnswer::kPass);
}

TEST_CASE("an endpoint is judged once per handle", "[filter]") {
  StoredFlow event = Store(FromText<flow::Flow>(kFlow));
  event.header.source_handle = 7;
  absl::StatusOr<FilterSet> set = CompileFilters(OneFilter("source_pod: 'a/'"), {}, {});
  REQUIRE(set.ok());
  TestBody first(event.body);
  CHECK(set->Judge(event.header, &first) == FilterAnswer::kPass);
  TestBody second(event.body);
  CHECK(set->Judge(event.header, &second) == FilterAnswer::kPass);
  CHECK(second.fetches() == 0);

  // Another handle in the same place of the table is another endpoint.
  event = Store(FromText<flow::Flow>("source { namespace: 'b' }"));
  event.header.source_handle = 7 + 512;
  TestBody other(event.body);
  CHECK(set->Judge(event.header, &other) == FilterAnswer::kDrop);
}

TEST_CASE("the first bad field in build order decides the error", "[filter]") {
  CHECK(ErrorOf("source_port: 'x' source_label: '!'").starts_with("invalid source label filter"));
  CHECK(ErrorOf("source_ip: 'x' protocol: 'x'") ==
        "invalid protocol filter: unknown protocol: \"x\"");
  const absl::Status status =
      CompileFilters(Filters({"", "source_ip: 'x'"}), Filters({"source_port: 'x'"}), {}).status();
  CHECK(AsView(status.message()) ==
        "invalid IP address \"x\" in filter: ParseAddr(\"x\"): unable to parse IP");
}

TEST_CASE("what is not implemented is refused by name, not ignored", "[filter]") {
  CHECK(ErrorOf("experimental { cel_expression: 'true' }").find("cel_expression") !=
        std::string::npos);
  flow::FlowFilter newer;
  newer.GetReflection()->MutableUnknownFields(&newer)->AddVarint(4711, 1);
  FlowFilterList list;
  *list.Add() = newer;
  CHECK(AsView(CompileFilters(list, {}, {}).status().message()) ==
        "filter field number 4711 is not implemented");
}

TEST_CASE("events that are no flows are judged as events without a flow", "[filter]") {
  flow::AgentEvent started;
  started.set_type(flow::AGENT_STARTED);
  const StoredFlow agent = StoreOther(EventKind::kAgentEvent, 0, started.SerializeAsString());
  flow::DebugEvent found;
  found.set_type(flow::DBG_LXC_FOUND);
  const StoredFlow debug = StoreOther(EventKind::kDebugEvent, 0, found.SerializeAsString());
  const StoredFlow lost = StoreOther(EventKind::kLostEvent, 0, "");
  struct Case {
    const char* filter;
    bool agent, debug, lost;
  };
  const Case cases[] = {
      {"", true, true, true},
      {"event_type {}", true, true, true},
      {"event_type { type: 130 }", true, false, true},
      {"event_type { type: 130 match_sub_type: true sub_type: 2 }", true, false, true},
      {"event_type { type: 130 match_sub_type: true sub_type: 5 }", false, false, true},
      {"event_type { type: 2 match_sub_type: true sub_type: 4 }", false, true, true},
      {"event_type { type: 4 }", false, false, true},
      {"verdict: VERDICT_UNKNOWN", false, false, false},
      {"ip_version: IP_NOT_USED", false, false, false},
      {"encrypted: false", false, false, false},
      {"uuid: ''", false, false, false},
      {"source_pod: '/'", false, false, false},
      {"source_workload {}", false, false, false},
      {"tcp_flags {}", false, false, false},
      {"source_label: '!foo'", true, true, true},
      {"source_label: 'foo'", false, false, false},
      {"node_labels: 'foo notin (x)'", true, true, true},
      {"trace_id: ''", true, true, true},
      {"trace_id: 'a'", false, false, false},
      {"ip_trace_id: 0", true, true, true},
  };
  for (const Case& one : cases) {
    CHECK(Passes(one.filter, agent) == one.agent);
    CHECK(Passes(one.filter, debug) == one.debug);
    CHECK(Passes(one.filter, lost) == one.lost);
  }
}

TEST_CASE("the registry holds every field group in build order", "[filter]") {
  std::string names;
  for (const FieldGroup& group : FieldGroups()) names += Concat(group.name, " ");
  CHECK(names ==
        "uuid event_type verdict drop_reason_desc reply encrypted identity protocol ip pod "
        "workload service fqdn label port http tcp_flags node_name cluster_name ip_version "
        "trace_id traffic_direction cel_expression interface ip_trace_id ");
}

}  // namespace
}  // namespace alidade
