// SPDX-License-Identifier: Apache-2.0
//
// Calls of this very process, seen by the agent through its cgroup.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <optional>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
TEST_CASE("a connect on the bare host is seen as SOCK", "[kernel][vm]") {
  const bool v6 = GENERATE(false, true);
  const std::string self = v6 ? "::1" : "127.0.0.1";
  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0"});
  const Socket listener = Serve(SOCK_STREAM, self);
  const Peer peer(self, LocalPort(listener));
  const Socket client(peer.family, SOCK_STREAM);
  REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);

  const uint64_t cookie = CookieOf(client);
  const flow::Flow flow = agent.WaitForFlow("the call", [&](const flow::Flow& candidate) {
    return candidate.type() == flow::SOCK && candidate.socket_cookie() == cookie;
  });
  CHECK(flow.verdict() == flow::TRACED);
  CHECK(flow.sock_xlate_point() == flow::SOCK_XLATE_POINT_PRE_DIRECTION_FWD);
  CHECK(flow.event_type().type() == 7);
  CHECK(flow.ip().source() == self);
  CHECK(flow.ip().destination() == self);
  CHECK(flow.l4().tcp().destination_port() == LocalPort(listener));
  CHECK_FALSE(flow.l4().tcp().has_flags());
  CHECK(flow.cgroup_id() != 0);
  CHECK(flow.source().identity() == 1);
  CHECK(SummaryOf(flow) == "TCP");
  CHECK(NumberIn(flow, "pid") == getpid());
  CHECK(TextIn(flow, "command") == "kernel_test");
}

TEST_CASE("a connect of an IPv6 socket to a mapped address is IPv4", "[kernel]") {
  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0"});
  const Socket listener = Serve(SOCK_STREAM, "127.0.0.1");
  const Peer peer("::ffff:127.0.0.1", LocalPort(listener));
  const Socket client(AF_INET6, SOCK_STREAM);
  REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);

  const flow::Flow flow = agent.WaitForFlow("the call", [&](const flow::Flow& candidate) {
    return candidate.type() == flow::SOCK && candidate.socket_cookie() == CookieOf(client);
  });
  CHECK(flow.ip().ipversion() == flow::IPv4);
  CHECK(flow.ip().destination() == "127.0.0.1");
}

TEST_CASE("what a process connects to over and over is one report an interval",
          "[kernel][vm-all]") {
  const std::string level = GENERATE("low", "medium", "maximum");
  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0", "--monitor-aggregation",
                                     level, "--monitor-aggregation-interval", "1h"});
  const Socket often = Serve(SOCK_DGRAM, "127.0.0.1");
  const Socket last = Serve(SOCK_DGRAM, "127.0.0.1");
  for (int times = 0; times < 100; ++times) {
    const Socket client(AF_INET, SOCK_DGRAM);
    const Peer peer("127.0.0.1", LocalPort(often));
    REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);
  }
  const Socket client(AF_INET, SOCK_DGRAM);
  const Peer peer("127.0.0.1", LocalPort(last));
  REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);

  // Events are in time order: those before are there with the last.
  agent.WaitForFlow("the last call", [&](const flow::Flow& candidate) {
    return candidate.type() == flow::SOCK && candidate.socket_cookie() == CookieOf(client);
  });
  int reports = 0;
  for (const flow::Flow& flow : agent.Flows()) {
    reports += flow.type() == flow::SOCK && NumberIn(flow, "pid") == getpid() &&
               flow.l4().udp().destination_port() == LocalPort(often);
  }
  CHECK(reports == (level == "low" ? 100 : 1));
}

TEST_CASE("TCP and UDP to the same port are not the same call", "[kernel]") {
  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0"});
  const Socket listener = Serve(SOCK_STREAM, "127.0.0.1");
  const Peer peer("127.0.0.1", LocalPort(listener));
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const Socket client(AF_INET, type);
    REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);
    agent.WaitForFlow("the call", [&](const flow::Flow& candidate) {
      return candidate.type() == flow::SOCK && candidate.socket_cookie() == CookieOf(client);
    });
  }
}

TEST_CASE("a datagram without a connection is seen as SOCK", "[kernel]") {
  const bool v6 = GENERATE(false, true);
  const std::string self = v6 ? "::1" : "127.0.0.1";
  const AgentProcess agent(nullptr, {"--listen-address", "127.0.0.1:0"});
  const Socket server = Serve(SOCK_DGRAM, self);
  const Socket client = Serve(SOCK_DGRAM, self);
  const Peer peer(self, LocalPort(server));
  REQUIRE(sendto(client.fd(), "x", 1, 0, peer.address(), peer.size) == 1);

  const flow::Flow flow = agent.WaitForFlow("the call", [&](const flow::Flow& candidate) {
    return candidate.type() == flow::SOCK && candidate.socket_cookie() == CookieOf(client);
  });
  CHECK(flow.ip().source() == self);
  CHECK(flow.l4().udp().source_port() == LocalPort(client));
  CHECK(flow.l4().udp().destination_port() == LocalPort(server));
  CHECK(SummaryOf(flow) == "UDP");
}

}  // namespace alidade::testing
