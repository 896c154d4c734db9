// SPDX-License-Identifier: Apache-2.0
//
// Filters against what the genuine ones answered. Each flow is judged twice: with the header that
// our own parser would have stored for it, and with the one of a flow that came as a message.
#include <cstdio>
#include <string>
#include <utility>

#include "agent/filter/concat.h"
#include "agent/filter/filter.h"
#include "agent/filter/flow_header_of.h"
#include "tests/agent/filter/stored_flow.h"
#include "tests/vectors/vector_proto.h"
#include "tests/vectors/vector_run.h"

namespace alidade::testing {
namespace {

using nlohmann::json;

FlowFilterList ReadFilters(const json& vector, const char* name) {
  FlowFilterList list;
  if (!vector.contains(name)) return list;
  for (const json& filter : vector[name]) *list.Add() = ReadProto<flow::FlowFilter>(filter);
  return list;
}

FlowFilterList ReadWhitelist(const json& vector) {
  if (!vector.contains("filter")) return ReadFilters(vector, "whitelist");
  FlowFilterList list;
  *list.Add() = ReadProto<flow::FlowFilter>(vector["filter"]);
  return list;
}

StoredFlow ReadOther(const std::string& kind, const json& event) {
  if (kind == "agent_event") {
    return StoreOther(EventKind::kAgentEvent, 0,
                      ReadProto<flow::AgentEvent>(event).SerializeAsString());
  }
  if (kind == "debug_event") {
    return StoreOther(EventKind::kDebugEvent, 0,
                      ReadProto<flow::DebugEvent>(event).SerializeAsString());
  }
  return StoreOther(EventKind::kLostEvent, 0,
                    ReadProto<flow::LostEvent>(event).SerializeAsString());
}

VectorFailure CheckMatch(FilterSet* filters, const StoredFlow& event, bool expected,
                         const char* what) {
  TestBody body(event.body);
  const bool got = filters->Judge(event.header, &body) == FilterAnswer::kPass;
  if (got == expected) return std::nullopt;
  return std::string(what) + ": expected match " + (expected ? "true" : "false") + ", got " +
         (got ? "true" : "false");
}

VectorFailure Check(const json& vector) {
  absl::StatusOr<FilterSet> filters =
      CompileFilters(ReadWhitelist(vector), ReadFilters(vector, "blacklist"), NodeIdentity());
  if (vector.contains("error")) {
    if (!filters.ok()) return std::nullopt;
    return "expected the error " + vector["error"].dump() + ", got none";
  }
  if (!filters.ok()) {
    return "expected no error, got " + std::string(AsView(filters.status().message()));
  }
  const bool expected = vector["match"].get<bool>();
  if (vector.contains("event_kind")) {
    return CheckMatch(&*filters, ReadOther(vector["event_kind"], vector["event"]), expected,
                      "event");
  }
  const flow::Flow flow = ReadProto<flow::Flow>(vector["flow"]);
  if (VectorFailure failure = CheckMatch(&*filters, Store(flow), expected, "flow of our parser")) {
    return failure;
  }
  return CheckMatch(&*filters, {FlowHeaderOf(flow), flow.SerializeAsString()}, expected,
                    "flow of others");
}

}  // namespace
}  // namespace alidade::testing

int main() { return alidade::testing::RunVectors("filters", alidade::testing::Check); }
