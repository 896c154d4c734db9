// SPDX-License-Identifier: Apache-2.0
#include "parser/agent_event.h"

#include <catch2/catch_test_macros.hpp>

#include "parser/lost_event.h"

namespace alidade {
namespace {

using Type = AgentNotificationType;

template <typename Payload>
flow::AgentEvent EventOf(Type type, Payload payload) {
  return ToAgentEvent({type, payload, "{}"});
}

TEST_CASE("an agent event has the number of the API, not of the monitor", "[parser]") {
  CHECK(EventOf(Type::kStart, AgentStarted{}).type() == flow::AGENT_STARTED);
  CHECK(EventOf(Type::kPolicyUpdated, PolicyUpdate{}).type() == flow::POLICY_UPDATED);
  CHECK(EventOf(Type::kPolicyDeleted, PolicyUpdate{}).type() == flow::POLICY_DELETED);
  CHECK(EventOf(Type::kRegenerateSuccess, EndpointRegenerate{}).type() ==
        flow::ENDPOINT_REGENERATE_SUCCESS);
  CHECK(EventOf(Type::kRegenerateFailure, EndpointRegenerate{}).type() ==
        flow::ENDPOINT_REGENERATE_FAILURE);
  CHECK(EventOf(Type::kEndpointCreated, EndpointUpdate{}).type() == flow::ENDPOINT_CREATED);
  CHECK(EventOf(Type::kEndpointDeleted, EndpointUpdate{}).type() == flow::ENDPOINT_DELETED);
  CHECK(EventOf(Type::kIpCacheUpserted, IpCacheUpdate{}).type() == flow::IPCACHE_UPSERTED);
  CHECK(EventOf(Type::kIpCacheDeleted, IpCacheUpdate{}).type() == flow::IPCACHE_DELETED);
}

TEST_CASE("a payload of another type is passed on as its sender wrote it", "[parser]") {
  const flow::AgentEvent event = EventOf(Type::kStart, PolicyUpdate{});
  CHECK(event.type() == flow::AGENT_EVENT_UNKNOWN);
  CHECK(event.unknown().type() == "2");
  CHECK(event.unknown().notification() == "{}");
  CHECK(EventOf(Type{99}, std::monostate{}).unknown().type() == "99");
}

TEST_CASE("an agent that started at no known time still started", "[parser]") {
  CHECK(EventOf(Type::kStart, AgentStarted{"2024-01-01T00:00:00Z"}).agent_start().has_time());
  const flow::AgentEvent event = EventOf(Type::kStart, AgentStarted{"yesterday"});
  CHECK(event.has_agent_start());
  CHECK_FALSE(event.agent_start().has_time());
}

TEST_CASE("an old identity of zero is one", "[parser]") {
  IpCacheUpdate update;
  CHECK_FALSE(EventOf(Type::kIpCacheUpserted, update).ipcache_update().has_old_identity());
  update.old_identity = 0;
  CHECK(EventOf(Type::kIpCacheUpserted, update).ipcache_update().has_old_identity());
}

TEST_CASE("a lost event from nowhere we know is told without its source", "[parser]") {
  LostRecord lost;
  lost.source = 3;
  CHECK(ToLostEvent(lost).source() == flow::HUBBLE_RING_BUFFER);
  lost.source = 4;
  CHECK(ToLostEvent(lost).source() == flow::UNKNOWN_LOST_EVENT_SOURCE);
  CHECK(ToLostEvent(lost).has_cpu());
  CHECK_FALSE(ToLostEvent(lost).has_first());
  lost.first = UnixTime{1, 2};
  CHECK(ToLostEvent(lost).first().nanos() == 2);
}

}  // namespace
}  // namespace alidade
