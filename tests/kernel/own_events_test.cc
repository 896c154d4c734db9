// SPDX-License-Identifier: Apache-2.0
//
// What the agent and its programs tell of themselves: agent events, and debug events when asked.
#include <absl/time/clock.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

// Reads what is stored, again and again, until something fulfils `condition`; fails the test after
// a minute.
template <typename Event, typename Stored>
Event WaitFor(const std::string& what, Stored stored,
              const std::function<bool(const Event&)>& condition) {
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  while (absl::Now() < deadline) {
    for (const Event& event : stored()) {
      if (condition(event)) return event;
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  FAIL("no event: " << what);
  return {};
}

class EventClient {
 public:
  explicit EventClient(const AgentProcess& agent)
      : stub_(observer::Observer::NewStub(
            grpc::CreateChannel(agent.target(), grpc::InsecureChannelCredentials()))) {}

  std::vector<flow::AgentEvent> AgentEvents() const {
    grpc::ClientContext context;
    const auto reader = stub_->GetAgentEvents(&context, observer::GetAgentEventsRequest());
    std::vector<flow::AgentEvent> events;
    observer::GetAgentEventsResponse response;
    while (reader->Read(&response)) events.push_back(response.agent_event());
    CHECK(reader->Finish().ok());
    return events;
  }
  std::vector<flow::DebugEvent> DebugEvents() const {
    grpc::ClientContext context;
    const auto reader = stub_->GetDebugEvents(&context, observer::GetDebugEventsRequest());
    std::vector<flow::DebugEvent> events;
    observer::GetDebugEventsResponse response;
    while (reader->Read(&response)) events.push_back(response.debug_event());
    CHECK(reader->Finish().ok());
    return events;
  }
  void WaitForAgentEvent(const std::string& what,
                         const std::function<bool(const flow::AgentEvent&)>& condition) const {
    WaitFor<flow::AgentEvent>(
        what, [this] { return AgentEvents(); }, condition);
  }
  void WaitForMessage(const std::string& message) const {
    WaitFor<flow::DebugEvent>(
        message, [this] { return DebugEvents(); },
        [&](const flow::DebugEvent& event) { return event.message() == message; });
  }

 private:
  std::unique_ptr<observer::Observer::Stub> stub_;
};

bool IsOfInterface(const google::protobuf::RepeatedPtrField<std::string>& labels,
                   const std::string& name) {
  return labels.size() == 1 && labels[0] == "alidade:interface=" + name;
}

}  // namespace

TEST_CASE("the agent tells of its start, its endpoints and its addresses", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  const EventClient client(agent);
  agent.WaitForAttached("to-pod");

  client.WaitForAgentEvent("started", [](const flow::AgentEvent& event) {
    return event.type() == flow::AGENT_STARTED && event.agent_start().time().seconds() > 0;
  });
  client.WaitForAgentEvent("endpoint", [](const flow::AgentEvent& event) {
    return event.type() == flow::ENDPOINT_CREATED &&
           IsOfInterface(event.endpoint_update().labels(), "to-pod");
  });
  client.WaitForAgentEvent("attached", [](const flow::AgentEvent& event) {
    return event.type() == flow::ENDPOINT_REGENERATE_SUCCESS &&
           IsOfInterface(event.endpoint_regenerate().labels(), "to-pod");
  });
  client.WaitForAgentEvent("address", [](const flow::AgentEvent& event) {
    return event.type() == flow::IPCACHE_UPSERTED &&
           event.ipcache_update().cidr() == "10.99.0.1/32" &&
           event.ipcache_update().identity() == 1;
  });

  host.Ip("address add 192.0.2.7/32 dev lo");
  client.WaitForAgentEvent("new address", [](const flow::AgentEvent& event) {
    return event.type() == flow::IPCACHE_UPSERTED &&
           event.ipcache_update().cidr() == "192.0.2.7/32";
  });
  host.Ip("address delete 192.0.2.7/32 dev lo");
  client.WaitForAgentEvent("address removed", [](const flow::AgentEvent& event) {
    return event.type() == flow::IPCACHE_DELETED && event.ipcache_update().cidr() == "192.0.2.7/32";
  });
  host.Ip("link delete to-pod");
  client.WaitForAgentEvent("endpoint gone", [](const flow::AgentEvent& event) {
    return event.type() == flow::ENDPOINT_DELETED &&
           IsOfInterface(event.endpoint_update().labels(), "to-pod");
  });
  const std::vector<flow::AgentEvent> events = client.AgentEvents();
  REQUIRE_FALSE(events.empty());
  CHECK(events.front().type() == flow::AGENT_STARTED);
  CHECK(agent.Status().ledger().agent_events_lost() == 0);
}

TEST_CASE("programs tell of each connection when they are asked to", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host, {"--debug-events"});
  const EventClient client(agent);
  agent.WaitForAttached("to-pod");
  std::optional<Socket> listener;
  host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  uint16_t port = 0;
  pod.Inside([&] { port = ExchangeTcp(*listener, "10.99.0.1", "hello"); });

  client.WaitForMessage("Conntrack lookup 1/2: src=10.99.0.2:" + std::to_string(port) +
                        " dst=10.99.0.1:" + std::to_string(LocalPort(*listener)));
  client.WaitForMessage("Conntrack lookup 2/2: nexthdr=6 flags=0 dir=1 scope=2");
  client.WaitForMessage("Conntrack create: proxy-port=0 revnat=0 src-identity=0 lb=0.0.0.0");
  client.WaitForMessage("CT entry found lifetime=432000, revnat=0");
  client.WaitForMessage("CT verdict: New, revnat=0");
  client.WaitForMessage("CT verdict: Reply, revnat=0");

  host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "fd99::1")); });
  pod.Inside([&] { port = ExchangeTcp(*listener, "fd99::1", "hello"); });
  client.WaitForMessage("Conntrack lookup 1/2: src=[::0:2]:" + std::to_string(port) +
                        " dst=[::0:1]:" + std::to_string(LocalPort(*listener)));
  client.WaitForMessage("Conntrack create: proxy-port=0 revnat=0 src-identity=0");
  const LedgerStatus ledger = agent.Status().ledger();
  CHECK(ledger.decode_errors_size() == 0);
}

TEST_CASE("without being asked programs tell nothing of connections", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");
  uint16_t port = 0;
  pod.Inside([&] { port = SendUdp("10.99.0.1", 7777, "knock"); });
  agent.WaitForFlow("datagram",
                    [&](const flow::Flow& flow) { return flow.l4().udp().source_port() == port; });
  CHECK(EventClient(agent).DebugEvents().empty());
}

}  // namespace alidade::testing
