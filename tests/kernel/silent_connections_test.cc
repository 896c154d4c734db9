// SPDX-License-Identifier: Apache-2.0
//
// Connections that fall silent with something left to tell: nothing that was carried stays untold.
#include "agent/capture/silent_connections.h"

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
#include "tests/kernel/extension.h"
#include "tests/kernel/quiet_node.h"
#include "tests/kernel/traffic.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

// So short that a connection is silent soon, and that the table is gone through every second.
const std::vector<std::string> kShortInterval = {"--monitor-aggregation-interval", "100ms"};

bool IsCountsOnly(const flow::Flow& flow) {
  const google::protobuf::Struct extension = ExtensionOf(flow);
  const auto found = extension.fields().find("counts_only");
  return found != extension.fields().end() && found->second.bool_value();
}

std::vector<flow::Flow> CountsOnly(const std::vector<flow::Flow>& flows) {
  std::vector<flow::Flow> chosen;
  for (const flow::Flow& flow : flows) {
    if (IsCountsOnly(flow)) chosen.push_back(flow);
  }
  return chosen;
}

// A QuietNode with IPv6 addresses too.
struct Node : QuietNode {
  Node() {
    host.Run("sysctl -qw net.ipv6.conf.to-pod.disable_ipv6=0");
    pod.Run("sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0");
    host.Ip("addr add fd99::1/64 dev to-pod nodad");
    pod.Ip("addr add fd99::2/64 dev eth0 nodad");
    host.Ip("neigh replace fd99::2 lladdr 02:00:00:00:00:02 dev to-pod nud permanent");
    pod.Ip("neigh replace fd99::1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent");
  }
};

struct Family {
  std::string host;
  std::string pod;
  uint64_t datagram;  // bytes of one that carries a byte, with its Ethernet header
};

Family AnyFamily() {
  return GENERATE(Family{"10.99.0.1", "10.99.0.2", 14 + 20 + 8 + 1},
                  Family{"fd99::1", "fd99::2", 14 + 40 + 8 + 1});
}

void SendTo(const Socket& from, const std::string& address, const Socket& to, int times) {
  const Peer peer(address, LocalPort(to));
  for (int i = 0; i < times; ++i) {
    REQUIRE(sendto(from.fd(), "x", 1, 0, peer.address(), peer.size) == 1);
  }
}

// Two sockets of datagrams, the host's and the pod's.
struct Datagrams {
  Datagrams(const Node& node, const Family& family) {
    node.host.Inside([&] { host.emplace(Serve(SOCK_DGRAM, family.host)); });
    node.pod.Inside([&] { pod.emplace(Serve(SOCK_DGRAM, family.pod)); });
  }
  std::optional<Socket> host;
  std::optional<Socket> pod;
};

// A report of counts alone.
flow::Flow WaitForRest(const AgentProcess& agent, uint16_t port) {
  return agent.WaitForFlow("the rest", [port](const flow::Flow& flow) {
    return IsPacketOf(flow, port) && IsCountsOnly(flow);
  });
}

// Waits until the reports of `port` add up to that. On a slow machine what is silent for a moment
// may be told in parts.
void WaitForSum(const AgentProcess& agent, uint16_t port, const BothWays& sum) {
  agent.WaitForStatus([&](const GetStatusResponse&) { return SumOf(FlowsOf(agent, port)) == sum; });
}

// Waits until the table has been gone through again, twice.
void WaitForRounds(const AgentProcess& agent) {
  const uint64_t before = HookOf(agent.Status(), "trace_silent").seen();
  const uint64_t runs = 2 * (CONNECTION_SETS + NEAR_SETS) / SILENT_SETS_OF_RUN;
  agent.WaitForStatus([&](const GetStatusResponse& status) {
    return HookOf(status, "trace_silent").seen() > before + runs;
  });
}

}  // namespace

TEST_CASE("datagrams behind the last report are told once nothing follows", "[kernel][vm]") {
  const Family family = AnyFamily();
  const Node node;
  const AgentProcess agent(&node.host, kShortInterval);
  agent.WaitForAttached("to-pod");
  const Datagrams ends(node, family);
  SendTo(*ends.pod, family.host, *ends.host, 20);

  const uint16_t port = LocalPort(*ends.pod);
  const flow::Flow rest = WaitForRest(agent, port);
  CHECK(rest.verdict() == flow::FORWARDED);
  CHECK(rest.trace_observation_point() == flow::TO_STACK);
  CHECK(rest.trace_reason() == flow::ESTABLISHED);
  CHECK_FALSE(rest.is_reply().value());
  CHECK(rest.traffic_direction() == flow::EGRESS);
  CHECK(rest.ip().source() == family.pod);
  CHECK(rest.ip().destination() == family.host);
  CHECK(rest.l4().udp().source_port() == port);
  CHECK(rest.l4().udp().destination_port() == LocalPort(*ends.host));
  CHECK(rest.interface().name() == "to-pod");
  CHECK_FALSE(rest.has_ethernet());
  CHECK(SummaryOf(rest) == "UDP");
  if (HookOf(agent.Status(), "sock_owner").attached()) CHECK(NumberIn(rest, "pid") == getpid());

  WaitForSum(agent, port, {.to_pod = {}, .from_pod = {20, 20 * family.datagram}});
}

TEST_CASE("the rest is told by the way that was heard of last", "[kernel][vm-all]") {
  const Family family = AnyFamily();
  const Node node;
  const AgentProcess agent(&node.host, kShortInterval);
  agent.WaitForAttached("to-pod");
  const Datagrams ends(node, family);
  SendTo(*ends.pod, family.host, *ends.host, 1);
  const uint16_t port = LocalPort(*ends.pod);
  agent.WaitForFlow("the request", [&](const flow::Flow& flow) { return IsPacketOf(flow, port); });
  SendTo(*ends.host, family.pod, *ends.pod, 20);

  const flow::Flow rest = WaitForRest(agent, port);
  CHECK(rest.trace_observation_point() == flow::TO_ENDPOINT);
  CHECK(rest.trace_reason() == flow::REPLY);
  CHECK(rest.is_reply().value());
  CHECK(rest.ip().source() == family.host);
  CHECK(rest.l4().udp().destination_port() == port);
  WaitForSum(agent, port, {.to_pod = {20, 20 * family.datagram}, .from_pod = {1, family.datagram}});
}

TEST_CASE("a TCP connection that rests has told all that was carried", "[kernel][vm]") {
  const QuietNode node;
  const AgentProcess agent(&node.host, kShortInterval);
  agent.WaitForAttached("to-pod");
  std::optional<Socket> listener, client, accepted;
  node.host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  const Peer peer("10.99.0.1", LocalPort(*listener));
  const BothWays before = CountersOf(node.host, "to-pod");
  node.pod.Inside([&] {
    client.emplace(AF_INET, SOCK_STREAM);
    REQUIRE(connect(client->fd(), peer.address(), peer.size) == 0);
    accepted.emplace(accept(listener->fd(), nullptr, nullptr));
  });
  const std::string some(100'000, 'x');
  for (size_t sent = 0; sent < some.size();) {
    const ssize_t bytes = write(client->fd(), some.data() + sent, some.size() - sent);
    REQUIRE(bytes > 0);
    sent += static_cast<size_t>(bytes);
    std::string got(static_cast<size_t>(bytes), '\0');
    REQUIRE(recv(accepted->fd(), got.data(), got.size(), MSG_WAITALL) == bytes);
  }

  const uint16_t port = LocalPort(*client);
  BothWays sum, carried;
  agent.WaitForStatus([&](const GetStatusResponse&) {
    sum = SumOf(FlowsOf(agent, port));
    carried = CountersOf(node.host, "to-pod") - before;
    return sum == carried;
  });
  CHECK(sum.from_pod.bytes > some.size());
  for (const flow::Flow& flow : CountsOnly(FlowsOf(agent, port))) {
    CHECK_FALSE(flow.l4().tcp().has_flags());
    CHECK(SummaryOf(flow) == "TCP");
  }
}

TEST_CASE("what went over an interface that is gone is told at once", "[kernel][vm]") {
  const QuietNode node;
  // So long that nothing falls silent.
  const AgentProcess agent(&node.host, {"--monitor-aggregation-interval", "60s"});
  agent.WaitForAttached("to-pod");
  const Family family = {"10.99.0.1", "10.99.0.2", 14 + 20 + 8 + 1};
  std::optional<Socket> host, pod;
  node.host.Inside([&] { host.emplace(Serve(SOCK_DGRAM, family.host)); });
  node.pod.Inside([&] { pod.emplace(Serve(SOCK_DGRAM, family.pod)); });
  SendTo(*pod, family.host, *host, 20);
  node.host.Ip("link del to-pod");

  const uint16_t port = LocalPort(*pod);
  const flow::Flow rest = WaitForRest(agent, port);
  CHECK(rest.interface().name() == "to-pod");
  CHECK(rest.traffic_direction() == flow::EGRESS);
  WaitForSum(agent, port, {.to_pod = {}, .from_pod = {20, 20 * family.datagram}});
}

TEST_CASE("echoes behind the last report are told", "[kernel][vm-all]") {
  const Family family = AnyFamily();
  const Node node;
  const AgentProcess agent(&node.host, {"--monitor-aggregation-interval", "1s"});
  agent.WaitForAttached("to-pod");
  node.pod.Inside([&] {
    for (int i = 0; i < 5; ++i) Ping(family.host, 4711);
  });

  const bool v6 = family.pod == "fd99::2";
  std::vector<flow::Flow> echoes;
  BothWays sum;
  agent.WaitForStatus([&](const GetStatusResponse&) {
    echoes.clear();
    for (const flow::Flow& flow : agent.Flows()) {
      const uint32_t type = v6 ? flow.l4().icmpv6().type() : flow.l4().icmpv4().type();
      const bool is_echo =
          v6 ? type == 128 || type == 129 : flow.l4().has_icmpv4() && (type == 0 || type == 8);
      if (flow.type() == flow::L3_L4 && is_echo) echoes.push_back(flow);
    }
    sum = SumOf(echoes);
    return sum.from_pod.packets == 5 && sum.to_pod.packets == 5;
  });
  for (const flow::Flow& flow : CountsOnly(echoes)) {
    const uint32_t type = v6 ? flow.l4().icmpv6().type() : flow.l4().icmpv4().type();
    CHECK(flow.is_reply().value() == (flow.ip().source() == family.host));
    CHECK(type == (flow.is_reply().value() ? (v6 ? 129 : 0) : (v6 ? 128 : 8)));
  }
}

TEST_CASE("ICMP that is no echo is told with its last type", "[kernel][vm-all]") {
  constexpr uint8_t kTimestamp = 13;            // RFC 792
  constexpr uint8_t kRouterSolicitation = 133;  // RFC 4861
  const bool v6 = GENERATE(false, true);
  const QuietNode node;
  const AgentProcess agent(&node.host, kShortInterval);
  agent.WaitForAttached("to-pod");
  const ByteVector frame =
      v6 ? PacketBuilder()
               .Ethernet()
               .Ipv6("fd99::2", "ff02::2")
               .IcmpV6(kRouterSolicitation, 0)
               .Build()
         : PacketBuilder().Ethernet().Ipv4("10.99.0.2", "10.99.0.1").IcmpV4(kTimestamp, 0).Build();
  node.pod.Inside([&] {
    for (int i = 0; i < 5; ++i) SendFrame("eth0", frame);
  });

  std::vector<flow::Flow> told;
  agent.WaitForStatus([&](const GetStatusResponse&) {
    told.clear();
    for (const flow::Flow& flow : agent.Flows()) {
      const bool is_ours = v6 ? flow.l4().icmpv6().type() == kRouterSolicitation
                              : flow.l4().icmpv4().type() == kTimestamp;
      if (is_ours && flow.verdict() == flow::FORWARDED) told.push_back(flow);
    }
    return SumOf(told).from_pod == Traffic{5, 5 * frame.size()};
  });
  CHECK(CountsOnly(told).size() >= 1);
}

TEST_CASE("what has told all is not told of again", "[kernel][vm-all]") {
  const QuietNode node;
  const AgentProcess agent(&node.host, kShortInterval);
  agent.WaitForAttached("to-pod");
  std::optional<Socket> host, pod;
  node.host.Inside([&] { host.emplace(Serve(SOCK_DGRAM, "10.99.0.1")); });
  node.pod.Inside([&] { pod.emplace(Serve(SOCK_DGRAM, "10.99.0.2")); });
  // Both are reported: the first of each way.
  SendTo(*pod, "10.99.0.1", *host, 1);
  SendTo(*host, "10.99.0.2", *pod, 1);
  WaitForRounds(agent);
  CHECK(CountsOnly(agent.Flows()).empty());

  SendTo(*pod, "10.99.0.1", *host, 20);
  WaitForRest(agent, LocalPort(*pod));
  WaitForRounds(agent);
  const size_t told = CountsOnly(agent.Flows()).size();
  WaitForRounds(agent);
  CHECK(CountsOnly(agent.Flows()).size() == told);
}

}  // namespace alidade::testing
