// SPDX-License-Identifier: Apache-2.0
//
// Real drops, each with its real cause.
#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/kernel_features.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"
#include "tests/kernel/tun_device.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

std::string ExtensionText(const flow::Flow& flow) { return flow.extensions().value(); }

}  // namespace

TEST_CASE("a packet that nftables drops is DROPPED as policy denied", "[kernel][vm]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  host.Run("nft add table inet guard");
  host.Run("nft add chain inet guard in { type filter hook input priority 0 ; }");
  host.Run("nft add rule inet guard in udp dport 7777 drop");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");

  uint16_t port = 0;
  pod.Inside([&] { port = SendUdp("10.99.0.1", 7777, "knock"); });
  const flow::Flow drop = agent.WaitForFlow("the drop", [&](const flow::Flow& flow) {
    return flow.verdict() == flow::DROPPED && flow.l4().udp().source_port() == port;
  });
  CHECK(drop.drop_reason_desc() == flow::POLICY_DENIED);
  CHECK(drop.event_type().type() == 1);
  CHECK(drop.ip().source() == "10.99.0.2");
  CHECK(drop.ip().destination() == "10.99.0.1");
  CHECK(drop.l4().udp().destination_port() == 7777);
  CHECK(drop.interface().name() == "to-pod");
  CHECK((ExtensionText(drop).find("NETFILTER_DROP") != std::string::npos) == HasDropReasons());
  CHECK(ExtensionText(drop).find("netfilter_hook") != std::string::npos);
  CHECK(ExtensionText(drop).find("input") != std::string::npos);
  // Kernels differ in which function frees it; all of them name it.
  const std::string function = drop.file().name();
  CHECK((function == "nft_do_chain" || function == "nf_hook_slow"));
}

TEST_CASE("a datagram to a closed port is DROPPED for want of a socket", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");

  for (const std::string ip : {"10.99.0.1", "fd99::1"}) {
    uint16_t port = 0;
    pod.Inside([&] { port = SendUdp(ip, 9, "anybody?"); });
    const flow::Flow drop = agent.WaitForFlow("the drop", [&](const flow::Flow& flow) {
      return flow.verdict() == flow::DROPPED && flow.ip().destination() == ip &&
             flow.l4().udp().source_port() == port;
    });
    CHECK(drop.drop_reason_desc() == flow::SOCKET_LOOKUP_FAILED);
    CHECK(ExtensionText(drop).find("NO_SOCKET") != std::string::npos);
  }
}

TEST_CASE("a dropped packet that lies in pages is shown all the same", "[kernel][vm]") {
  const NetworkNamespace host("host");
  const TunDevice device(host, "tap0", TunDevice::kL2);
  host.Ip("link set tap0 address 02:00:00:cc:dd:02 up");  // where PacketBuilder sends to
  const AgentProcess agent(&host);
  agent.WaitForAttached("tap0");
  const std::string detail = HookOf(agent.Status(), "packet_drop").detail();
  CHECK((detail.find("in pages") == std::string::npos) == ShowsPagesOfDrops());
  if (!ShowsPagesOfDrops()) return;

  // IP makes sure that its own header lies in one piece, with a wrong checksum here; what drops
  // before it does not even see that.
  enum { kBeforeIp = 7001, kInIp = 7002 };
  host.Run("nft add table netdev early");
  host.Run("nft add chain netdev early in { type filter hook ingress device tap0 priority 0 ; }");
  host.Run("nft add rule netdev early in udp dport " + std::to_string(kBeforeIp) + " drop");
  constexpr size_t kPayload = 8000;  // a packet that fits into a page is made of one piece
  for (const uint16_t port : {kBeforeIp, kInIp}) {
    device.Write(PacketBuilder()
                     .Ethernet()
                     .Ipv4("10.99.0.2", "10.99.0.1")
                     .Udp(1234, port)
                     .Payload(kPayload)
                     .Build(),
                 /*linear=*/14);
    const flow::Flow drop = agent.WaitForFlow("the drop", [&](const flow::Flow& flow) {
      return flow.verdict() == flow::DROPPED && flow.l4().udp().destination_port() == port;
    });
    CHECK(drop.l4().udp().source_port() == 1234);
    CHECK(drop.ip().source() == "10.99.0.2");
    CHECK(drop.ethernet().source() == "02:00:00:aa:bb:01");
    CHECK(drop.interface().name() == "tap0");
    CHECK(drop.drop_reason_desc() ==
          (port == kBeforeIp ? flow::POLICY_DENIED : flow::INVALID_PACKET_DROPPED));
  }
}

TEST_CASE("what a socket has not read when it is closed is no drop", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");

  uint16_t unread = 0, last = 0;
  host.Inside([&] {
    const Socket server = Serve(SOCK_DGRAM, "10.99.0.1");
    pod.Inside([&] { unread = SendUdp("10.99.0.1", LocalPort(server), "unread"); });
  });
  pod.Inside([&] { last = SendUdp("10.99.0.1", 9, "anybody?"); });
  agent.WaitForFlow("a drop after it", [&](const flow::Flow& flow) {
    return flow.verdict() == flow::DROPPED && flow.l4().udp().source_port() == last;
  });
  for (const flow::Flow& flow : agent.Flows()) {
    INFO(flow.ShortDebugString());
    CHECK_FALSE((flow.verdict() == flow::DROPPED && flow.l4().udp().source_port() == unread));
  }
}

TEST_CASE("a healthy TCP transfer drops nothing", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");

  std::optional<Socket> listener;
  host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  uint16_t port = 0;
  pod.Inside([&] { port = ExchangeTcp(*listener, "10.99.0.1", std::string(1 << 20, 'x')); });
  agent.WaitForFlow("the end", [&](const flow::Flow& flow) {
    return flow.l4().tcp().destination_port() == port && flow.l4().tcp().flags().fin();
  });
  for (const flow::Flow& flow : agent.Flows()) {
    const bool ours =
        flow.l4().tcp().source_port() == port || flow.l4().tcp().destination_port() == port;
    INFO(flow.ShortDebugString());
    CHECK_FALSE((ours && flow.verdict() == flow::DROPPED));
  }
}

}  // namespace alidade::testing
