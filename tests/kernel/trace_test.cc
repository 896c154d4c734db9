// SPDX-License-Identifier: Apache-2.0
//
// Real packets between network namespaces, seen by the real agent through the real kernel.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <optional>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

int64_t TimeOf(const flow::Flow& flow) {
  return flow.time().seconds() * 1'000'000'000 + flow.time().nanos();
}

// A node with one pod: the agent runs in `host`, `pod` is at the other end of the veth pair.
struct Node {
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  Node() { Connect(host, "to-pod", pod, "eth0"); }

  static std::string HostIp(bool v6) { return v6 ? "fd99::1" : "10.99.0.1"; }
  static std::string PodIp(bool v6) { return v6 ? "fd99::2" : "10.99.0.2"; }
};

void CheckFromPod(const flow::Flow& flow, bool v6) {
  CHECK(flow.verdict() == flow::FORWARDED);
  CHECK(flow.type() == flow::L3_L4);
  CHECK(flow.ip().source() == Node::PodIp(v6));
  CHECK(flow.ip().destination() == Node::HostIp(v6));
  CHECK(flow.ip().ipversion() == (v6 ? flow::IPv6 : flow::IPv4));
  CHECK(flow.trace_observation_point() == flow::TO_STACK);
  CHECK(flow.interface().name() == "to-pod");
  CHECK(flow.node_name() == "test-node");
  CHECK(flow.destination().identity() == 1);
  CHECK(flow.source().identity() == 2);
  CHECK(!flow.uuid().empty());
}

void CheckToPod(const flow::Flow& flow, bool v6) {
  CHECK(flow.verdict() == flow::FORWARDED);
  CHECK(flow.ip().source() == Node::HostIp(v6));
  CHECK(flow.ip().destination() == Node::PodIp(v6));
  CHECK(flow.trace_observation_point() == flow::TO_ENDPOINT);
  CHECK(flow.event_type().sub_type() == 0);
  CHECK(flow.interface().name() == "to-pod");
}

}  // namespace

TEST_CASE("a TCP connection from a pod is seen both ways", "[kernel][vm]") {
  const bool v6 = GENERATE(false, true);
  const Node node;
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");

  uint16_t client_port = 0, server_port = 0;
  int64_t before = 0, after = 0;
  std::optional<Socket> listener;
  node.host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, Node::HostIp(v6))); });
  server_port = LocalPort(*listener);
  node.pod.Inside([&] {
    before = Now();
    client_port = ExchangeTcp(*listener, Node::HostIp(v6), "hello");
    after = Now();
  });

  const flow::Flow syn = agent.WaitForFlow("SYN", [&](const flow::Flow& flow) {
    return flow.l4().tcp().source_port() == client_port && flow.l4().tcp().flags().syn();
  });
  CheckFromPod(syn, v6);
  CHECK(syn.l4().tcp().destination_port() == server_port);
  CHECK_FALSE(syn.l4().tcp().flags().ack());
  CHECK(syn.trace_reason() == flow::NEW);
  REQUIRE(syn.has_is_reply());
  CHECK_FALSE(syn.is_reply().value());
  CHECK(SummaryOf(syn) == "TCP Flags: SYN");
  CHECK(TimeOf(syn) >= before - kMillisecond);
  CHECK(TimeOf(syn) <= after + kMillisecond);

  const flow::Flow answer = agent.WaitForFlow("SYN and ACK", [&](const flow::Flow& flow) {
    return flow.l4().tcp().destination_port() == client_port && flow.l4().tcp().flags().syn() &&
           flow.l4().tcp().flags().ack();
  });
  CheckToPod(answer, v6);
  CHECK(answer.trace_reason() == flow::REPLY);
  CHECK(answer.is_reply().value());
  CHECK(TimeOf(answer) > TimeOf(syn));

  const flow::Flow end = agent.WaitForFlow("FIN of the pod", [&](const flow::Flow& flow) {
    return flow.l4().tcp().source_port() == client_port && flow.l4().tcp().flags().fin();
  });
  CheckFromPod(end, v6);
  CHECK(end.trace_reason() == flow::ESTABLISHED);
}

TEST_CASE("datagrams are seen both ways", "[kernel][vm]") {
  const bool v6 = GENERATE(false, true);
  const Node node;
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");

  std::optional<Socket> server;
  node.host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, Node::HostIp(v6))); });
  const uint16_t server_port = LocalPort(*server);
  uint16_t client_port = 0;
  int64_t before = 0, after = 0;
  node.pod.Inside([&] {
    const Socket client = Serve(SOCK_DGRAM, Node::PodIp(v6));
    client_port = LocalPort(client);
    const Peer to_server(Node::HostIp(v6), server_port), to_client(Node::PodIp(v6), client_port);
    before = Now();
    REQUIRE(sendto(client.fd(), "ask", 3, 0, to_server.address(), to_server.size) == 3);
    REQUIRE(sendto(server->fd(), "tell", 4, 0, to_client.address(), to_client.size) == 4);
    after = Now();
  });

  const flow::Flow question = agent.WaitForFlow("question", [&](const flow::Flow& flow) {
    return flow.type() == flow::L3_L4 && flow.l4().udp().source_port() == client_port;
  });
  CheckFromPod(question, v6);
  CHECK(question.l4().udp().destination_port() == server_port);
  CHECK_FALSE(question.is_reply().value());
  CHECK(SummaryOf(question) == "UDP");
  CHECK(TimeOf(question) >= before - kMillisecond);
  CHECK(TimeOf(question) <= after + kMillisecond);

  const flow::Flow answer = agent.WaitForFlow("answer", [&](const flow::Flow& flow) {
    return flow.type() == flow::L3_L4 && flow.l4().udp().destination_port() == client_port;
  });
  CheckToPod(answer, v6);
  CHECK(answer.l4().udp().source_port() == server_port);
  CHECK(answer.is_reply().value());
}

TEST_CASE("an echo request and its reply are seen", "[kernel][vm]") {
  const bool v6 = GENERATE(false, true);
  const Node node;
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");

  int64_t before = 0, after = 0;
  node.pod.Inside([&] {
    before = Now();
    Ping(Node::HostIp(v6), 0x4242);
    after = Now();
  });

  const auto type_of = [&](const flow::Flow& flow) {
    if (v6) return flow.l4().has_icmpv6() ? static_cast<int>(flow.l4().icmpv6().type()) : -1;
    return flow.l4().has_icmpv4() ? static_cast<int>(flow.l4().icmpv4().type()) : -1;
  };
  const flow::Flow request = agent.WaitForFlow(
      "request", [&](const flow::Flow& flow) { return type_of(flow) == (v6 ? 128 : 8); });
  CheckFromPod(request, v6);
  CHECK(SummaryOf(request) == (v6 ? "ICMPv6 EchoRequest" : "ICMPv4 EchoRequest"));
  CHECK_FALSE(request.is_reply().value());
  CHECK(TimeOf(request) >= before - kMillisecond);
  CHECK(TimeOf(request) <= after + kMillisecond);

  const flow::Flow reply = agent.WaitForFlow(
      "reply", [&](const flow::Flow& flow) { return type_of(flow) == (v6 ? 129 : 0); });
  CheckToPod(reply, v6);
  CHECK(reply.is_reply().value());
}

TEST_CASE("aggregation decides how often, level none reports every packet", "[kernel]") {
  const Node node;
  const AgentProcess agent(&node.host, {"--monitor-aggregation", "none"});
  agent.WaitForAttached("to-pod");
  std::optional<Socket> server;
  node.host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, Node::HostIp(false))); });
  constexpr int kPackets = 20;
  uint16_t client_port = 0;
  node.pod.Inside([&] {
    const Socket client = Serve(SOCK_DGRAM, Node::PodIp(false));
    client_port = LocalPort(client);
    const Peer to(Node::HostIp(false), LocalPort(*server));
    for (int i = 0; i < kPackets; ++i) {
      REQUIRE(sendto(client.fd(), "x", 1, 0, to.address(), to.size) == 1);
    }
  });
  int seen = 0;
  agent.WaitForFlow("every packet", [&](const flow::Flow& flow) {
    if (flow.type() == flow::L3_L4 && flow.l4().udp().source_port() == client_port) {
      CHECK(flow.trace_observation_point() == flow::FROM_ENDPOINT);
      ++seen;
    }
    return seen == kPackets;
  });
}

TEST_CASE("an interface made while the agent runs is seen from its first packet", "[kernel][vm]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  const AgentProcess agent(&host);
  // Attached when it exists, before its link is up.
  host.Ip("link add late type veth peer name eth0 netns " + pod.name());
  agent.WaitForAttached("late");
  for (const auto& [device, space, address] :
       {std::tuple{"late", &host, "10.99.0.1/24"}, std::tuple{"eth0", &pod, "10.99.0.2/24"}}) {
    space->Ip(std::string("addr add ") + address + " dev " + device);
    space->Ip(std::string("link set ") + device + " up");
  }
  uint16_t port = 0;
  pod.Inside([&] { port = SendUdp("10.99.0.1", 4000, "first"); });
  const flow::Flow first = agent.WaitForFlow("the first datagram", [&](const flow::Flow& flow) {
    return flow.type() == flow::L3_L4 && flow.verdict() == flow::FORWARDED &&
           flow.l4().udp().source_port() == port;
  });
  CHECK(first.interface().name() == "late");
}

}  // namespace alidade::testing
