// SPDX-License-Identifier: Apache-2.0
//
// Which process a flow belongs to: on socket, trace and drop events, on the host and from a pod.
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/test_cgroup.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

const std::string kContainer = std::string(62, 'c') + "0d";

std::string OwnExecutable() { return std::filesystem::read_symlink("/proc/self/exe"); }

// A host with a pod and an agent.
struct Node {
  explicit Node(std::vector<std::string> flags = {}) {
    Connect(host, "to-pod", pod, "eth0");
    agent.emplace(&host, flags);
    agent->WaitForAttached("to-pod");
  }
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  std::optional<AgentProcess> agent;
};

// Waits for a flow of the process `pid`.
template <typename Condition>
flow::Flow WaitForFlowOf(const AgentProcess& agent, const std::string& what, pid_t pid,
                         Condition condition) {
  return agent.WaitForFlow(what, [&](const flow::Flow& candidate) {
    return NumberIn(candidate, "pid") == pid && condition(candidate);
  });
}

bool IsTrace(const flow::Flow& flow) { return flow.event_type().type() == 4; }

}  // namespace

TEST_CASE("a socket call names executable, cgroup and container of its process",
          "[kernel][vm-all]") {
  const TestCgroup cgroup("alidade-test-" + std::to_string(getpid()) + "/docker-" + kContainer +
                          ".scope");
  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0"});
  const CgroupMembership membership(cgroup);
  const Socket client(AF_INET, SOCK_DGRAM);
  const Peer peer("127.0.0.1", 9);
  REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);

  const flow::Flow flow = agent.WaitForFlow("the call", [&](const flow::Flow& candidate) {
    return candidate.type() == flow::SOCK && candidate.socket_cookie() == CookieOf(client);
  });
  CHECK(NumberIn(flow, "pid") == getpid());
  CHECK(TextIn(flow, "command") == "kernel_test");
  CHECK(TextIn(flow, "executable") == OwnExecutable());
  CHECK(TextIn(flow, "cgroup") == cgroup.path());
  CHECK(TextIn(flow, "container_id") == kContainer);
  CHECK(flow.cgroup_id() == cgroup.id());
}

TEST_CASE("packets name the process of their socket, on the client's side and the server's",
          "[kernel][vm]") {
  const Node node;
  const bool from_pod = GENERATE(false, true);
  const NetworkNamespace& client_side = from_pod ? node.pod : node.host;
  const NetworkNamespace& server_side = from_pod ? node.host : node.pod;
  const std::string server = from_pod ? "10.99.0.1" : "10.99.0.2";

  // The server is this process, the client a short one that is gone before anybody could look.
  std::optional<Socket> listener;
  server_side.Inside([&] { listener.emplace(Serve(SOCK_STREAM, server)); });
  const uint16_t port = LocalPort(*listener);
  client_side.Run("bash -c exec<>/dev/tcp/" + server + "/" + std::to_string(port));

  const flow::Flow syn = node.agent->WaitForFlow("SYN", [&](const flow::Flow& candidate) {
    return IsTrace(candidate) && candidate.l4().tcp().flags().syn() &&
           candidate.l4().tcp().destination_port() == port;
  });
  CHECK(TextIn(syn, "command") == "bash");
  CHECK(std::filesystem::path(TextIn(syn, "executable")).filename() == "bash");
  CHECK_FALSE(TextIn(syn, "cgroup").empty());

  // What the accepted socket sends once the connection stands, at the latest its FIN.
  { const Socket accepted(accept(listener->fd(), nullptr, nullptr)); }
  const flow::Flow answer =
      WaitForFlowOf(*node.agent, "the server's packet", getpid(), [&](const flow::Flow& candidate) {
        return IsTrace(candidate) && candidate.l4().tcp().source_port() == port;
      });
  CHECK(TextIn(answer, "executable") == OwnExecutable());
}

// No hook on connect sees it.
TEST_CASE("a connection that a datagram call opens has its process", "[kernel][vm-all]") {
  const Node node;
  std::optional<Socket> listener;
  node.host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  const Peer peer("10.99.0.1", LocalPort(*listener));
  uint16_t port = 0;
  node.pod.Inside([&] {
    const Socket client(AF_INET, SOCK_STREAM);
    REQUIRE(sendto(client.fd(), "x", 1, MSG_FASTOPEN, peer.address(), peer.size) == 1);
    port = LocalPort(client);
  });
  const flow::Flow first = node.agent->WaitForFlow("its SYN", [&](const flow::Flow& flow) {
    return IsTrace(flow) && flow.l4().tcp().source_port() == port && flow.l4().tcp().flags().syn();
  });
  CHECK(NumberIn(first, "pid") == getpid());
}

TEST_CASE("a dropped packet names the process that sent it", "[kernel][vm-all]") {
  const Node node;
  node.host.Run("nft add table ip t");
  node.host.Run("nft add chain ip t out { type filter hook output priority 0 ; }");
  node.host.Run("nft add rule ip t out udp dport 7777 drop");
  node.host.Inside([&] {
    const Socket client(AF_INET, SOCK_DGRAM);
    const Peer peer("10.99.0.2", 7777);
    REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);
    send(client.fd(), "x", 1, 0);  // refused
  });
  const flow::Flow drop =
      WaitForFlowOf(*node.agent, "the drop", getpid(), [](const flow::Flow& candidate) {
        return candidate.verdict() == flow::DROPPED &&
               candidate.l4().udp().destination_port() == 7777;
      });
  CHECK(TextIn(drop, "command") == "kernel_test");
  CHECK(TextIn(drop, "executable") == OwnExecutable());
}

TEST_CASE("sockets that are older than the agent have their process too", "[kernel][vm-all]") {
  NetworkNamespace host("host");
  NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  std::optional<Socket> listener;
  std::optional<Socket> client;
  pod.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.2")); });
  const uint16_t port = LocalPort(*listener);
  host.Inside([&] {
    client.emplace(AF_INET, SOCK_STREAM);
    const Peer peer("10.99.0.2", port);
    REQUIRE(connect(client->fd(), peer.address(), peer.size) == 0);
  });
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");
  const GetStatusResponse status = agent.Status();
  if (!HookOf(status, "sock_scan").attached()) SKIP(HookOf(status, "sock_scan").detail());

  REQUIRE(send(client->fd(), "x", 1, 0) == 1);
  WaitForFlowOf(agent, "of the old connection", getpid(), [&](const flow::Flow& candidate) {
    return IsTrace(candidate) && candidate.l4().tcp().destination_port() == port;
  });
  // A new connection to the old listener.
  host.Run("bash -c exec<>/dev/tcp/10.99.0.2/" + std::to_string(port));
  for (int connection = 0; connection < 2; ++connection) {
    const Socket accepted(accept(listener->fd(), nullptr, nullptr));  // its FIN follows
  }
  WaitForFlowOf(agent, "of the old listener", getpid(), [&](const flow::Flow& candidate) {
    return IsTrace(candidate) && candidate.l4().tcp().source_port() == port &&
           candidate.l4().tcp().destination_port() != LocalPort(*client);
  });
}

}  // namespace alidade::testing
