// SPDX-License-Identifier: Apache-2.0
//
// Connection state in the kernel: what its reports say, how often they come, and that their counts
// are whole.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/connection_counts.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/quiet_node.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

constexpr size_t kDatagrams = 20;

// Sends `count` datagrams from one port of the pod to the host; returns that port.
uint16_t SendMany(const QuietNode& node, int count) {
  uint16_t client_port = 0;
  std::optional<Socket> server;
  node.host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, "10.99.0.1")); });
  node.pod.Inside([&] {
    const Socket client = Serve(SOCK_DGRAM, "10.99.0.2");
    client_port = LocalPort(client);
    const Peer to("10.99.0.1", LocalPort(*server));
    for (int i = 0; i < count; ++i) {
      REQUIRE(sendto(client.fd(), "x", 1, 0, to.address(), to.size) == 1);
    }
  });
  return client_port;
}

// Everything that was sent so far has been seen when this has: a last datagram to a port of its
// own.
void WaitUntilSeen(const QuietNode& node, const AgentProcess& agent) {
  const uint16_t port = SendMany(node, 1);
  agent.WaitForFlow("the last datagram",
                    [&](const flow::Flow& flow) { return IsPacketOf(flow, port); });
}

}  // namespace

TEST_CASE("a connection's reports add up to what the interface carried", "[kernel]") {
  const std::string level = GENERATE("none", "low", "medium", "maximum");
  INFO("level " << level);
  const QuietNode node;
  const AgentProcess agent(&node.host, {"--monitor-aggregation", level});
  agent.WaitForAttached("to-pod");
  std::optional<Socket> listener;
  node.host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  const BothWays before = CountersOf(node.host, "to-pod");
  const std::string megabyte(1 << 20, 'x');
  uint16_t port = 0;
  node.pod.Inside([&] { port = ExchangeTcp(*listener, "10.99.0.1", megabyte); });

  BothWays sum, carried;
  agent.WaitForStatus([&](const GetStatusResponse&) {
    sum = SumOf(FlowsOf(agent, port));
    carried = CountersOf(node.host, "to-pod") - before;
    return sum == carried;
  });
  CHECK(sum.from_pod.bytes > megabyte.size());
  CHECK(sum.to_pod.bytes > megabyte.size());
}

TEST_CASE("levels tell how many packets of a connection are reported", "[kernel]") {
  struct Level {
    std::string name;
    size_t reports;  // of kDatagrams
  };
  const auto level = GENERATE(Level{"none", kDatagrams}, Level{"low", kDatagrams},
                              Level{"medium", 1}, Level{"maximum", 1});
  INFO("level " << level.name);
  const QuietNode node;
  const AgentProcess agent(
      &node.host, {"--monitor-aggregation", level.name, "--monitor-aggregation-interval", "1h"});
  agent.WaitForAttached("to-pod");
  const uint16_t port = SendMany(node, static_cast<int>(kDatagrams));
  WaitUntilSeen(node, agent);
  const std::vector<flow::Flow> flows = FlowsOf(agent, port);
  CHECK(flows.size() == level.reports);
  for (const flow::Flow& flow : flows) {
    CHECK(flow.trace_observation_point() ==
          (level.name == "none" ? flow::FROM_ENDPOINT : flow::TO_STACK));
  }
}

TEST_CASE("a living connection is reported once in each interval", "[kernel]") {
  const QuietNode node;
  const AgentProcess agent(&node.host, {"--monitor-aggregation-interval", "100ms"});
  agent.WaitForAttached("to-pod");
  std::optional<Socket> server;
  node.host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, "10.99.0.1")); });
  const Peer to("10.99.0.1", LocalPort(*server));
  uint64_t sent = 0, told = 0;
  node.pod.Inside([&] {
    const Socket client = Serve(SOCK_DGRAM, "10.99.0.2");
    const uint16_t port = LocalPort(client);
    agent.WaitForStatus([&](const GetStatusResponse&) {
      REQUIRE(sendto(client.fd(), "x", 1, 0, to.address(), to.size) == 1);
      ++sent;
      const std::vector<flow::Flow> flows = FlowsOf(agent, port);
      told = SumOf(flows).from_pod.packets;
      return flows.size() == 4;
    });
  });
  // Four reports for many packets, and none of them twice.
  CHECK(sent > 4);
  CHECK(told <= sent);
  CHECK(told > 4);
}

TEST_CASE("the flags that are worth a report can be chosen", "[kernel]") {
  const QuietNode node;
  const AgentProcess agent(
      &node.host, {"--monitor-aggregation-flags", "psh", "--monitor-aggregation-interval", "1h"});
  agent.WaitForAttached("to-pod");
  std::optional<Socket> listener;
  node.host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  uint16_t port = 0;
  node.pod.Inside([&] { port = ExchangeTcp(*listener, "10.99.0.1", "hello"); });
  WaitUntilSeen(node, agent);
  int pushes = 0, fins = 0;
  for (const flow::Flow& flow : FlowsOf(agent, port)) {
    pushes += flow.l4().tcp().flags().psh();
    fins += flow.l4().tcp().flags().fin() && !flow.l4().tcp().flags().psh();
  }
  CHECK(pushes == 2);  // one each way
  CHECK(fins == 0);
}

TEST_CASE("a connection that is first seen in its middle is unknown", "[kernel]") {
  const QuietNode node;
  std::optional<Socket> listener, client, accepted;
  node.host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  const Peer peer("10.99.0.1", LocalPort(*listener));
  node.pod.Inside([&] {
    client.emplace(AF_INET, SOCK_STREAM);
    REQUIRE(connect(client->fd(), peer.address(), peer.size) == 0);
    accepted.emplace(accept(listener->fd(), nullptr, nullptr));
  });
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");
  REQUIRE(write(client->fd(), "x", 1) == 1);
  const uint16_t port = LocalPort(*client);
  const flow::Flow seen =
      agent.WaitForFlow("the data", [&](const flow::Flow& flow) { return IsPacketOf(flow, port); });
  CHECK(seen.trace_reason() == flow::TRACE_REASON_UNKNOWN);
  CHECK_FALSE(seen.has_is_reply());
}

TEST_CASE("an ICMP error is related to the connection inside it, if that is known", "[kernel]") {
  const QuietNode node;
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");
  // Nobody listens at the discard port.
  node.pod.Inside([&] { SendUdp("10.99.0.1", 9, "x"); });
  const auto is_error_to = [](const std::string& destination) {
    return [destination](const flow::Flow& flow) {
      return flow.type() == flow::L3_L4 && flow.l4().icmpv4().type() == 3 &&
             flow.ip().destination() == destination;
    };
  };
  CHECK(agent.WaitForFlow("the error", is_error_to("10.99.0.2")).trace_reason() == flow::RELATED);

  // An error about a datagram that was never sent.
  node.pod.Inside([&] {
    uint8_t error[8 + 28] = {3, 3};
    uint8_t* inner = error + 8;
    inner[0] = 0x45;
    inner[3] = 28;
    inner[9] = IPPROTO_UDP;
    const uint8_t source[] = {10, 99, 0, 1}, destination[] = {10, 99, 0, 2};
    std::copy_n(source, 4, inner + 12);
    std::copy_n(destination, 4, inner + 16);
    inner[21] = 7;
    inner[23] = 8;
    const Socket raw(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    const Peer host("10.99.0.1", 0);
    REQUIRE(sendto(raw.fd(), error, sizeof(error), 0, host.address(), host.size) ==
            static_cast<ssize_t>(sizeof(error)));
  });
  CHECK(agent.WaitForFlow("the forged error", is_error_to("10.99.0.1")).trace_reason() ==
        flow::NEW);
}

TEST_CASE("sampling keeps some connections whole and leaves the others out", "[kernel]") {
  const QuietNode node;
  const AgentProcess agent(&node.host, {"--sampling", "4", "--monitor-aggregation", "low"});
  agent.WaitForAttached("to-pod");
  constexpr int kConnections = 64;
  constexpr int kFirstPort = 30000;
  std::optional<Socket> server;
  node.host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, "10.99.0.1")); });
  node.pod.Inside([&] {
    const Peer to("10.99.0.1", LocalPort(*server));
    for (int i = 0; i < kConnections; ++i) {
      const Peer self("10.99.0.2", static_cast<uint16_t>(kFirstPort + i));
      const Socket client(AF_INET, SOCK_DGRAM);
      REQUIRE(bind(client.fd(), self.address(), self.size) == 0);
      REQUIRE(sendto(client.fd(), "x", 1, 0, to.address(), to.size) == 1);
      REQUIRE(sendto(server->fd(), "x", 1, 0, self.address(), self.size) == 1);
    }
  });
  const GetStatusResponse status = agent.WaitForStatus([](const GetStatusResponse& now) {
    return now.hooks(0).emitted() + now.hooks(0).sampled() >= 2 * kConnections &&
           now.ledger().received() >= now.ledger().emitted();
  });
  std::vector<int> seen(kConnections);
  for (const flow::Flow& flow : agent.Flows()) {
    const int port = static_cast<int>(flow.trace_observation_point() == flow::TO_STACK
                                          ? flow.l4().udp().source_port()
                                          : flow.l4().udp().destination_port());
    if (flow.type() == flow::L3_L4 && port >= kFirstPort && port < kFirstPort + kConnections) {
      ++seen[static_cast<size_t>(port - kFirstPort)];
    }
  }
  uint64_t reported = 0;
  for (const int flows : seen) {
    CHECK((flows == 0 || flows == 2));
    reported += static_cast<uint64_t>(flows);
  }
  CHECK(reported > 0);
  CHECK(reported < 2 * kConnections);
  CHECK(status.hooks(0).sampled() == 2 * kConnections - reported);
}

TEST_CASE("the kernel's memory for an agent is known and bounded", "[kernel]") {
  const AgentProcess agent(nullptr);
  const GetStatusResponse status = agent.Status();
  CHECK(status.map_memory_bytes() > 0);
  CHECK(status.map_memory_bytes() < uint64_t{32} << 20);
  uint64_t sum = 0;
  for (const MapStatus& map : status.maps()) sum += map.bytes();
  CHECK(sum == status.map_memory_bytes());
}

}  // namespace alidade::testing
