// SPDX-License-Identifier: Apache-2.0
//
// Packets other than plain TCP, UDP and ICMP, on real devices: by the kernel's own tunnel where it
// has one, else made by hand and sent as they are.
#include <arpa/inet.h>

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"
#include "tests/kernel/tun_device.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

// A node with one neighbour, whose frames the test makes.
struct Node {
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  std::optional<AgentProcess> agent;

  explicit Node(const std::vector<std::string>& flags = {}) {
    Connect(host, "to-pod", pod, "eth0");
    agent.emplace(&host, flags);
    agent->WaitForAttached("to-pod");
  }

  void Send(const PacketBuilder& frame) const {
    pod.Inside([&] { SendFrame("eth0", frame.Build()); });
  }
  // The packet that the node saw on `device`; each test sends from ports of its own.
  flow::Flow Seen(uint16_t source_port, const std::string& device = "to-pod") const {
    return agent->WaitForFlow("the packet", [&](const flow::Flow& flow) {
      return flow.verdict() == flow::FORWARDED && flow.interface().name() == device &&
             (flow.l4().udp().source_port() == source_port ||
              flow.l4().tcp().source_port() == source_port);
    });
  }
};

constexpr const char* kSource = "10.99.0.2";
constexpr const char* kDestination = "10.99.0.1";

}  // namespace

TEST_CASE("a VLAN tag is seen, also when the device took it off", "[kernel]") {
  const Node node;
  // The kernel takes off the outermost tag before the hook sees the packet.
  node.Send(Ethernet().Vlan(5).Ipv4(kSource, kDestination).Udp(2001, 9));
  const flow::Flow tagged = node.Seen(2001);
  CHECK(tagged.ip().source() == kSource);
  CHECK(tagged.l4().udp().destination_port() == 9);
  CHECK(NumberIn(tagged, "vlan") == 5);

  node.Send(Ethernet().Vlan(7, 0x88a8).Vlan(6).Ipv6("fd99::2", "fd99::1").Tcp(2002, 80, 0x02));
  const flow::Flow stacked = node.Seen(2002);
  CHECK(stacked.ip().source() == "fd99::2");
  CHECK(stacked.l4().tcp().flags().syn());
  CHECK(stacked.trace_reason() == flow::NEW);
  CHECK(NumberIn(stacked, "vlan") == 7);

  node.Send(Ethernet().Ipv4(kSource, kDestination).Udp(2003, 9));
  CHECK(NumberIn(node.Seen(2003), "vlan") == 0);
}

TEST_CASE("IP options and IPv6 extension headers do not hide the ports", "[kernel]") {
  const Node node;
  const std::vector<uint8_t> router_alert = {0x94, 4, 0, 0};
  node.Send(Ethernet().Ipv4(kSource, kDestination, 0, router_alert).Udp(2011, 9));
  const flow::Flow options = node.Seen(2011);
  CHECK(options.l4().udp().destination_port() == 9);
  CHECK(options.trace_reason() == flow::NEW);

  node.Send(Ethernet()
                .Ipv6("fd99::2", "fd99::1")
                .Extension(0)
                .Extension(43, 1)
                .Extension(60)
                .Tcp(2012, 80, 0x02));
  const flow::Flow extended = node.Seen(2012);
  CHECK(extended.l4().tcp().flags().syn());
  CHECK(extended.trace_reason() == flow::NEW);
}

TEST_CASE("of a fragmented datagram the first fragment has the ports", "[kernel]") {
  const Node node;
  for (const std::string ip : {"10.99.0.1", "fd99::1"}) {
    uint16_t port = 0;
    // Three fragments on a link of 1,500 bytes, made by the sender's own stack.
    node.pod.Inside([&] { port = SendUdp(ip, 9, std::string(4000, 'x')); });
    const flow::Flow first = node.Seen(port);
    CHECK(first.ip().destination() == ip);
    CHECK(first.l4().udp().destination_port() == 9);
    // The later ones have an entry of their own, without ports.
    const flow::Flow later = node.agent->WaitForFlow("a later fragment", [&](const auto& flow) {
      return flow.verdict() == flow::FORWARDED && flow.ip().destination() == ip && !flow.has_l4() &&
             flow.interface().name() == "to-pod";
    });
    CHECK(SummaryOf(later) == (ip == kDestination ? "IPv4" : "IPv6"));
  }
}

TEST_CASE("a VXLAN packet shows the tunnel on the link and not inside it", "[kernel]") {
  const Node node;
  const auto tunnel = [](const NetworkNamespace& end, const std::string& device,
                         const std::string& self, const std::string& other) {
    end.Ip("link add vxlan7 type vxlan id 7 dstport 4789 dev " + device + " local 10.99.0." + self +
           " remote 10.99.0." + other);
    end.Ip("addr add 10.98.0." + self + "/24 dev vxlan7");
    end.Ip("addr add fd98::" + self + "/64 dev vxlan7 nodad");
    end.Ip("link set vxlan7 up");
  };
  tunnel(node.host, "to-pod", "1", "2");
  tunnel(node.pod, "eth0", "2", "1");
  node.agent->WaitForAttached("vxlan7");

  for (const std::string ip : {"10.98.0.1", "fd98::1"}) {
    uint16_t port = 0;
    node.pod.Inside([&] { port = SendUdp(ip, 9, "through the tunnel"); });
    const flow::Flow outside = node.Seen(port);
    CHECK(outside.ip().destination() == ip);
    CHECK(outside.tunnel().protocol() == flow::Tunnel::VXLAN);
    CHECK(outside.tunnel().vni() == 7);
    CHECK(outside.tunnel().ip().source() == kSource);
    CHECK(outside.tunnel().ip().destination() == kDestination);
    CHECK(outside.tunnel().l4().udp().destination_port() == 4789);
    // What is known of the connection there is the tunnel's.
    CHECK_FALSE(outside.has_is_reply());
    CHECK(outside.trace_reason() == flow::TRACE_REASON_UNKNOWN);

    const flow::Flow inside = node.Seen(port, "vxlan7");
    CHECK_FALSE(inside.has_tunnel());
    CHECK(inside.ip().destination() == ip);
    CHECK(inside.trace_reason() == flow::NEW);
    CHECK_FALSE(inside.is_reply().value());
  }
}

TEST_CASE("other tunnels show the packet inside", "[kernel]") {
  const Node node;
  const auto v4 = [] { return Ethernet().Ipv4(kSource, kDestination); };
  const auto v6 = [] { return Ethernet().Ipv6("fd99::2", "fd99::1"); };

  node.Send(
      v4().Udp(5000, 6081).Geneve(9, 2).Ethernet().Ipv4("10.98.0.2", "10.98.0.1").Udp(2021, 9));
  const flow::Flow geneve = node.Seen(2021);
  CHECK(geneve.tunnel().protocol() == flow::Tunnel::GENEVE);
  CHECK(geneve.tunnel().vni() == 9);
  CHECK(geneve.ip().source() == "10.98.0.2");

  const auto check = [&](const PacketBuilder& frame, uint16_t port, const std::string& name) {
    INFO(name);
    node.Send(frame);
    const flow::Flow flow = node.Seen(port);
    CHECK(flow.has_tunnel());
    CHECK(flow.tunnel().protocol() == flow::Tunnel::UNKNOWN);
    CHECK(flow.tunnel().ip().source() == (name[name.size() - 1] == '6' ? "fd99::2" : kSource));
    CHECK(TextIn(flow, "tunnel_protocol") == name);
  };
  check(v4().Gre(0x20).Ipv6("fd98::2", "fd98::1").Udp(2022, 9), 2022, "GRE");
  check(v4().Ipv4("10.98.0.2", "10.98.0.1").Udp(2023, 9), 2023, "4in4");
  check(v4().Ipv6("fd98::2", "fd98::1").Udp(2024, 9), 2024, "6in4");
  check(v6().Ipv4("10.98.0.2", "10.98.0.1").Udp(2025, 9), 2025, "4in6");
  check(v6().Ipv6("fd98::2", "fd98::1").Udp(2026, 9), 2026, "6in6");
}

TEST_CASE("connections in a tunnel without ports are aggregated each for itself", "[kernel]") {
  const Node node({"--monitor-aggregation-interval", "1h"});
  const auto gre = [] { return Ethernet().Ipv4(kSource, kDestination).Gre(0x20); };
  const auto frame = [&](int kind) {
    switch (kind) {
      case 0:
        return gre().Ipv4("10.98.0.2", "10.98.0.1");
      case 1:
        return gre().Ipv6("fd98::2", "fd98::1");
      case 2:
        return gre().Ethernet().Ipv4("10.98.0.2", "10.98.0.1");
      case 3:
        return Ethernet().Ipv4(kSource, kDestination).Ipv4("10.98.0.2", "10.98.0.1");
      default:
        return Ethernet().Ipv6("fd99::2", "fd99::1").Ipv6("fd98::2", "fd98::1");
    }
  };
  constexpr int kKinds = 5;
  constexpr uint16_t kConnections = 20, kPorts = 3000;
  for (int round = 0; round < 3; ++round) {
    for (int kind = 0; kind < kKinds; ++kind) {
      for (uint16_t i = 0; i < kConnections; ++i) {
        node.Send(frame(kind).Udp(static_cast<uint16_t>(kPorts + kind * kConnections + i), 9));
      }
    }
  }
  node.Send(Ethernet().Ipv4(kSource, kDestination).Udp(2041, 9));
  node.Seen(2041);
  std::map<uint32_t, int> reports;
  for (const flow::Flow& flow : node.agent->Flows()) {
    if (flow.has_tunnel()) ++reports[flow.l4().udp().source_port()];
  }
  // Two of them may share a number.
  CHECK(reports.size() >= kKinds * kConnections - 2);
  for (const auto& [port, count] : reports) {
    INFO("connection from port " << port);
    CHECK(count == 1);
  }
}

TEST_CASE("a device without Ethernet headers is read from the IP header", "[kernel]") {
  const Node node;
  const TunDevice tun(node.host, "tun7", TunDevice::kL3);
  node.host.Ip("link set tun7 up");
  node.agent->WaitForAttached("tun7");
  tun.Write(Raw().Ipv4("10.97.0.2", "10.97.0.1").Udp(2031, 9).Build());
  const flow::Flow v4 = node.Seen(2031, "tun7");
  CHECK_FALSE(v4.has_ethernet());
  CHECK(v4.ip().source() == "10.97.0.2");
  CHECK(v4.trace_reason() == flow::NEW);
  tun.Write(Raw().Ipv6("fd97::2", "fd97::1").Extension(60).Tcp(2032, 80, 0x02).Build());
  const flow::Flow v6 = node.Seen(2032, "tun7");
  CHECK_FALSE(v6.has_ethernet());
  CHECK(v6.l4().tcp().flags().syn());
}

TEST_CASE("a packet in several pieces reads like one in one piece", "[kernel]") {
  const Node node;
  const TunDevice tap(node.host, "tap7", TunDevice::kL2);
  node.host.Ip("link set tap7 mtu 9000 up");
  node.agent->WaitForAttached("tap7");
  constexpr uint16_t kEthernetOnly = 14;
  tap.Write(Ethernet().Ipv4("10.97.0.2", "10.97.0.1").Udp(2041, 9).Payload(8000).Build(),
            kEthernetOnly);
  const flow::Flow v4 = node.Seen(2041, "tap7");
  CHECK(v4.ip().source() == "10.97.0.2");
  CHECK(v4.trace_reason() == flow::NEW);
  CHECK(NumberIn(v4, "bytes") == 14 + 20 + 8 + 8000);
  tap.Write(
      Ethernet().Ipv6("fd97::2", "fd97::1").Extension(0).Tcp(2042, 80, 2).Payload(8000).Build(),
      kEthernetOnly);
  const flow::Flow v6 = node.Seen(2042, "tap7");
  CHECK(v6.l4().tcp().flags().syn());
  CHECK(v6.trace_reason() == flow::NEW);
}

}  // namespace alidade::testing
