// SPDX-License-Identifier: Apache-2.0
//
// A flood of one pod costs no other's events, and what is held back of it is counted exactly.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <optional>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

// Two pods, each behind an interface of its own.
struct TwoPods {
  NetworkNamespace host{"host"};
  NetworkNamespace noisy{"noisy"};
  NetworkNamespace quiet{"quiet"};
  TwoPods() {
    Join(noisy, "to-noisy", "10.99.1");
    Join(quiet, "to-quiet", "10.99.2");
  }

  void Join(const NetworkNamespace& pod, const std::string& device, const std::string& net) const {
    host.Ip("link add " + device + " type veth peer name eth0 netns " + pod.name());
    // What IPv6 says by itself on a new link would be held back too, and counted.
    host.Ip("link set " + device + " addrgenmode none");
    pod.Ip("link set eth0 addrgenmode none");
    host.Ip("addr add " + net + ".1/24 dev " + device);
    pod.Ip("addr add " + net + ".2/24 dev eth0");
    host.Ip("link set " + device + " up");
    pod.Ip("link set eth0 up");
  }
};

// Sends datagrams to `server` at `ip` and awaits each batch there, so that no queue between the two
// runs over.
void Send(const NetworkNamespace& pod, const Socket& server, const std::string& ip, int datagrams) {
  constexpr int kBatch = 50;
  const Peer to(ip, LocalPort(server));
  pod.Inside([&] {
    const Socket client(AF_INET, SOCK_DGRAM);
    char byte = 'x';
    for (int sent = 0; sent < datagrams;) {
      int batch = 0;
      for (; batch < kBatch && sent < datagrams; ++batch, ++sent) {
        REQUIRE(sendto(client.fd(), &byte, 1, 0, to.address(), to.size) == 1);
      }
      for (; batch > 0; --batch) REQUIRE(recv(server.fd(), &byte, 1, 0) == 1);
    }
  });
}

}  // namespace

TEST_CASE("one pod's flood is held back and counted, another's events all arrive", "[kernel]") {
  constexpr int kFlood = 20'000;
  constexpr int kOthers = 40;  // fewer than the burst that a source may use at once
  const TwoPods node;
  const AgentProcess agent(&node.host,
                           {"--monitor-aggregation", "none", "--events-source-rate-limit", "500",
                            "--event-buffer-capacity", "65535"});
  agent.WaitForAttached("to-noisy");
  agent.WaitForAttached("to-quiet");
  std::optional<Socket> to_noisy, to_quiet;
  node.host.Inside([&] {
    to_noisy.emplace(Serve(SOCK_DGRAM, "10.99.1.1"));
    to_quiet.emplace(Serve(SOCK_DGRAM, "10.99.2.1"));
  });
  Send(node.noisy, *to_noisy, "10.99.1.1", kFlood);
  Send(node.quiet, *to_quiet, "10.99.2.1", kOthers);

  int flood = 0, others = 0;
  const auto count = [&] {
    flood = others = 0;
    for (const flow::Flow& flow : agent.Flows()) {
      if (flow.type() != flow::L3_L4 || flow.verdict() != flow::FORWARDED) continue;
      flood += flow.l4().udp().destination_port() == LocalPort(*to_noisy);
      others += flow.l4().udp().destination_port() == LocalPort(*to_quiet);
    }
    return others;
  };
  const GetStatusResponse status = agent.WaitForStatus([&](const GetStatusResponse& now) {
    return count() == kOthers && now.ledger().received() == now.ledger().emitted();
  });
  CHECK(flood > 0);
  CHECK(flood < kFlood / 2);

  const HookStatus& trace = status.hooks(0);
  REQUIRE(trace.name() == "trace");
  INFO(status.ShortDebugString());
  CHECK(trace.limited() == static_cast<uint64_t>(kFlood - flood));
  CHECK(trace.seen() == trace.emitted() + trace.lost() + trace.failed() + trace.ignored() +
                            trace.limited() + trace.sampled());
}

TEST_CASE("a flood of drops is held back and counted, the dropped packets are still reported",
          "[kernel]") {
  constexpr int kFlood = 60;  // fewer than the burst of packets, more than that of drops
  constexpr uint16_t kClosedPort = 9;
  const TwoPods node;
  const AgentProcess agent(&node.host,
                           {"--monitor-aggregation", "none", "--events-source-rate-limit", "1000"});
  agent.WaitForAttached("to-noisy");
  node.noisy.Inside([&] {
    const Socket client(AF_INET, SOCK_DGRAM);
    const Peer to("10.99.1.1", kClosedPort);
    for (int i = 0; i < kFlood; ++i) {
      REQUIRE(sendto(client.fd(), "x", 1, 0, to.address(), to.size) == 1);
    }
  });

  int packets = 0, drops = 0;
  const GetStatusResponse status = agent.WaitForStatus([&](const GetStatusResponse& now) {
    packets = drops = 0;
    for (const flow::Flow& flow : agent.Flows()) {
      if (flow.l4().udp().destination_port() != kClosedPort) continue;
      packets += flow.verdict() == flow::FORWARDED;
      drops += flow.verdict() == flow::DROPPED;
    }
    return packets == kFlood && now.ledger().received() == now.ledger().emitted();
  });
  const HookStatus& hook = HookOf(status, "packet_drop");
  INFO(hook.ShortDebugString());
  CHECK(drops > 0);
  CHECK(drops < kFlood / 2);
  CHECK(hook.limited() == static_cast<uint64_t>(kFlood - drops));
}

TEST_CASE("a CPU's limit holds whoever causes the events", "[kernel]") {
  constexpr int kFlood = 5'000;
  const TwoPods node;
  const AgentProcess agent(&node.host, {"--monitor-aggregation", "none", "--events-rate-limit",
                                        "500", "--events-source-rate-limit", "0"});
  agent.WaitForAttached("to-noisy");
  std::optional<Socket> server;
  node.host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, "10.99.1.1")); });
  Send(node.noisy, *server, "10.99.1.1", kFlood);
  const GetStatusResponse status = agent.WaitForStatus([](const GetStatusResponse& now) {
    const HookStatus& trace = now.hooks(0);
    return trace.seen() >= kFlood && now.ledger().received() == now.ledger().emitted();
  });
  const HookStatus& trace = status.hooks(0);
  CHECK(trace.limited() > 0);
  CHECK(trace.seen() == trace.emitted() + trace.lost() + trace.failed() + trace.ignored() +
                            trace.limited() + trace.sampled());
  CHECK(status.ledger().limited() >= trace.limited());
}

}  // namespace alidade::testing
