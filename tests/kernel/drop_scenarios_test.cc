// SPDX-License-Identifier: Apache-2.0
//
// Every cause of a drop that a script can bring about on a node that forwards between two pods:
// each must give exactly one DROPPED flow, with the right reason, direction and addresses, while
// other traffic goes on.
#include <netinet/in.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/drop_causes.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/foreign.h"
#include "tests/kernel/kernel_reasons.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/router.h"
#include "tests/kernel/traffic.h"
#include "tests/kernel/tun_device.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

constexpr const char* kTunIp = "10.99.7.2";
constexpr uint16_t kClosedPort = 9;

uint16_t SourcePort(const flow::Flow& flow) {
  return static_cast<uint16_t>(flow.l4().has_tcp() ? flow.l4().tcp().source_port()
                                                   : flow.l4().udp().source_port());
}

bool IsDropOf(const flow::Flow& flow, uint16_t port) {
  return flow.verdict() == flow::DROPPED && SourcePort(flow) == port;
}

struct Expected {
  std::string kernel_reason;
  flow::DropReason reason;
  flow::TrafficDirection direction;
  std::string interface;  // empty: none, the packet had not reached one
  std::string source = kPodIp;
  std::string destination;
  std::string hook = {};  // of netfilter
  // What a kernel that has not the reason still tells by the function that dropped.
  flow::DropReason vague_reason = flow::DROP_REASON_UNKNOWN;
};

struct Scenario {
  std::string name;
  Expected expected;
  std::function<void(Router&, uint16_t port)> cause;  // sends from `port`
  std::function<void(Router&)> prepare = {};
  std::function<void(Router&)> undo = {};
};

using Action = std::function<void(Router&)>;

Action InHost(const std::string& command) {
  return [command](Router& node) { node.host.Run(command); };
}

Action NftRule(const std::string& hook, const std::string& verdict) {
  return [hook, verdict](Router& node) {
    node.host.Run("nft add table inet guard");
    node.host.Run("nft add chain inet guard c { type filter hook " + hook + " priority 0 ; }");
    node.host.Run("nft add rule inet guard c udp dport 7777 " + verdict);
  };
}
const Action kNoNftRule = InHost("nft delete table inet guard");

std::function<void(Router&, uint16_t)> FromPod(const Datagram& datagram) {
  return
      [datagram](Router& node, uint16_t port) { node.pod.Inside([&] { Send(port, datagram); }); };
}

std::function<void(Router&, uint16_t)> SpoofedFromPod(const std::string& source) {
  return [source](Router& node, uint16_t port) {
    node.pod.Inside([&] {
      SendRaw(PacketBuilder().Ipv4(source, kHostIp).Udp(port, kTakenPort).Payload(8), kHostIp);
    });
  };
}

// A datagram to a socket whose buffer is full already.
void OverflowSocket(Router& node, uint16_t port) {
  std::optional<Socket> server;
  node.host.Inside([&] {
    server.emplace(Serve(SOCK_DGRAM, kHostIp));
    const int least = 1;
    REQUIRE(setsockopt(server->fd(), SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) == 0);
  });
  node.pod.Inside([&] {
    // How many are taken before depends on the kernel; they come from another port.
    for (int i = 0; i < 4; ++i) {
      Send(static_cast<uint16_t>(port + 1),
           {.to = kHostIp, .port = LocalPort(*server), .bytes = 1400});
    }
    Send(port, {.to = kHostIp, .port = LocalPort(*server), .bytes = 1400});
  });
}

// More than a queue of one small packet holds: the first waits, the second is dropped.
void OverflowQueue(Router& node, uint16_t port) {
  node.pod.Inside([&] {
    const Datagram datagram{.to = kOtherIp, .port = kClosedPort, .bytes = 1000};
    Send(static_cast<uint16_t>(port + 1), datagram);
    Send(static_cast<uint16_t>(port + 2), datagram);
    Send(port, datagram);
  });
}

// More segments than the backlog holds, all queued before the first is taken up.
void OverflowBacklog(Router& node, uint16_t port) {
  std::optional<Socket> server;
  node.host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, kHostIp)); });
  node.pod.Inside([&] {
    Send(port, {.to = kHostIp, .port = LocalPort(*server), .bytes = 300, .segment_bytes = 100});
  });
}

std::vector<Scenario> Scenarios(std::unique_ptr<ForeignPrograms>* foreign,
                                std::optional<TunDevice>* tun, GlobalSetting* backlog) {
  const auto end_foreign = [foreign](Router&) { foreign->reset(); };
  return {
      {"an nftables rule in the input hook",
       {"NETFILTER_DROP", flow::POLICY_DENIED, flow::INGRESS, "to-pod", kPodIp, kHostIp, "input",
        flow::POLICY_DENIED},
       FromPod({.to = kHostIp}),
       NftRule("input", "drop"),
       kNoNftRule},
      {"an nftables rule in the forward hook",
       {"NETFILTER_DROP", flow::POLICY_DENIED, flow::EGRESS, "to-pod", kPodIp, kOtherIp, "forward",
        flow::POLICY_DENIED},
       FromPod({.to = kOtherIp}),
       NftRule("forward", "drop"),
       kNoNftRule},
      {"an nftables rule in the output hook",
       {"NETFILTER_DROP", flow::POLICY_DENIED, flow::EGRESS, "", kHostIp, kPodIp, "output",
        flow::POLICY_DENIED},
       [](Router& node, uint16_t port) { node.host.Inside([&] { Send(port, {.to = kPodIp}); }); },
       NftRule("output", "drop"),
       kNoNftRule},
      {"an nftables rule in the ingress hook of a device",
       {"NETFILTER_DROP", flow::POLICY_DENIED, flow::INGRESS, "to-pod", kPodIp, kHostIp, "ingress",
        flow::POLICY_DENIED},
       FromPod({.to = kHostIp}),
       [](Router& node) {
         node.host.Run("nft add table netdev guard");
         node.host.Run(
             "nft add chain netdev guard c { type filter hook ingress device to-pod priority 0 ; "
             "}");
         node.host.Run("nft add rule netdev guard c udp dport 7777 drop");
       },
       InHost("nft delete table netdev guard")},
      {"an nftables rule that rejects",
       {"NETFILTER_DROP", flow::POLICY_DENIED, flow::INGRESS, "to-pod", kPodIp, kHostIp, "input",
        flow::POLICY_DENIED},
       FromPod({.to = kHostIp}),
       NftRule("input", "reject"),
       kNoNftRule},
      {"a source that the reverse path filter refuses",
       {"IP_RPFILTER", flow::INVALID_SOURCE_IP, flow::INGRESS, "to-pod", "10.99.2.77", kHostIp},
       SpoofedFromPod("10.99.2.77"),
       InHost("sysctl -qw net.ipv4.conf.to-pod.rp_filter=1"),
       InHost("sysctl -qw net.ipv4.conf.to-pod.rp_filter=0")},
      {"no route",
       {"IP_INNOROUTES", flow::FIB_LOOKUP_FAILED, flow::EGRESS, "to-pod", kPodIp, "10.55.0.1", "",
        flow::FIB_LOOKUP_FAILED},
       FromPod({.to = "10.55.0.1"})},
      {"no IPv6 route",
       {"IP_INNOROUTES", flow::FIB_LOOKUP_FAILED, flow::EGRESS, "to-pod", kPodIp6, "fd55::1", "",
        flow::FIB_LOOKUP_FAILED},
       FromPod({.to = "fd55::1"})},
      {"an expired time to live",
       {"IP_INHDR", flow::TTL_EXCEEDED, flow::EGRESS, "to-pod", kPodIp, kOtherIp},
       FromPod({.to = kOtherIp, .time_to_live = 1})},
      {"an expired hop limit",
       {"IP_INHDR", flow::TTL_EXCEEDED, flow::EGRESS, "to-pod", kPodIp6, kOtherIp6},
       FromPod({.to = kOtherIp6, .time_to_live = 1})},
      {"a closed UDP port",
       {"NO_SOCKET", flow::SOCKET_LOOKUP_FAILED, flow::INGRESS, "to-pod", kPodIp, kHostIp},
       FromPod({.to = kHostIp, .port = kClosedPort})},
      {"a closed TCP port",
       {"NO_SOCKET", flow::SOCKET_LOOKUP_FAILED, flow::INGRESS, "to-pod", kPodIp, kHostIp},
       [](Router& node, uint16_t port) {
         node.pod.Inside([&] {
           const Peer self(kPodIp, port), peer(kHostIp, kClosedPort);
           const Socket client(AF_INET, SOCK_STREAM);
           REQUIRE(bind(client.fd(), self.address(), self.size) == 0);
           CHECK(connect(client.fd(), peer.address(), peer.size) != 0);
         });
       }},
      {"a wrong TCP checksum",
       {"TCP_CSUM", flow::INVALID_PACKET_DROPPED, flow::INGRESS, "to-pod", kPodIp, kHostIp},
       [](Router& node, uint16_t port) {
         node.pod.Inside([&] {
           SendRaw(PacketBuilder().Ipv4(kPodIp, kHostIp).Tcp(port, kClosedPort, 0x02), kHostIp);
         });
       }},
      {"a full socket buffer",
       {"SOCKET_RCVBUFF", flow::DROP_REASON_UNKNOWN, flow::INGRESS, "to-pod", kPodIp, kHostIp},
       OverflowSocket},
      {"a packet too big for the next link that must not be fragmented",
       {"PKT_TOO_BIG", flow::DROP_REASON_UNKNOWN, flow::EGRESS, "to-pod", kPodIp, kOtherIp},
       FromPod({.to = kOtherIp, .bytes = 1400, .may_fragment = false}),
       InHost("ip link set to-other mtu 1300"),
       InHost("ip link set to-other mtu 1500")},
      {"a neighbour that does not answer",
       {"NEIGH_FAILED", flow::UNKNOWN_L3_TARGET_ADDRESS, flow::INGRESS, "to-other", kPodIp,
        "10.99.2.55", "", flow::UNKNOWN_L3_TARGET_ADDRESS},
       FromPod({.to = "10.99.2.55"})},
      {"a martian source",
       {"IP_INVALID_SOURCE", flow::INVALID_SOURCE_IP, flow::INGRESS, "to-pod", "224.0.0.5",
        kHostIp},
       SpoofedFromPod("224.0.0.5")},
      {"the node's own address as source",
       {"IP_LOCAL_SOURCE", flow::INVALID_SOURCE_IP, flow::INGRESS, "to-pod", kHostIp, kHostIp},
       SpoofedFromPod(kHostIp)},
      {"a loopback address as source",
       {"IP_LOCALNET", flow::DROP_REASON_UNKNOWN, flow::INGRESS, "to-pod", "127.0.0.7", kHostIp},
       SpoofedFromPod("127.0.0.7")},
      {"a full queue of the next link",
       {"QDISC_DROP", flow::DROP_REASON_UNKNOWN, flow::INGRESS, "to-other", kPodIp, kOtherIp},
       OverflowQueue,
       // The bucket lets one packet through; the queue then holds one.
       InHost("tc qdisc add dev to-other root tbf rate 8bit burst 1100 limit 1100"),
       InHost("tc qdisc del dev to-other root")},
      {"a full backlog of the CPU",
       {"CPU_BACKLOG", flow::DROP_REASON_UNKNOWN, flow::INGRESS, "to-pod", kPodIp, kHostIp},
       OverflowBacklog,
       [backlog](Router& node) {
         // Segments that the sender's stack makes itself come in one burst.
         node.pod.Ip("link set eth0 gso_max_segs 1");
         backlog->Set("1");
       },
       [backlog](Router& node) {
         backlog->Restore();
         node.pod.Ip("link set eth0 gso_max_segs 65535");
       }},
      {"a full ring of a device that nobody reads",
       {"FULL_RING", flow::DROP_REASON_UNKNOWN, flow::EGRESS, "tun7", kPodIp, kTunIp},
       [](Router& node, uint16_t port) {
         node.pod.Inside([&] {
           Send(static_cast<uint16_t>(port + 1), {.to = kTunIp});
           Send(port, {.to = kTunIp});
         });
       },
       [tun](Router& node) {
         tun->emplace(node.host, "tun7", TunDevice::kL3);
         node.host.Ip("link set tun7 txqueuelen 1 up");
         node.host.Ip("route add 10.99.7.0/24 dev tun7");
         node.agent->WaitForAttached("tun7");
       },
       [tun](Router&) { tun->reset(); }},
      {"a program of somebody else on tc",
       {"TC_INGRESS", flow::DROP_REASON_UNKNOWN, flow::INGRESS, "to-pod", kPodIp, kHostIp},
       FromPod({.to = kHostIp}),
       [foreign](Router& node) {
         *foreign = std::make_unique<ForeignPrograms>(kTakenPort);
         (*foreign)->DropByTc(node.host, "to-pod");
       },
       end_foreign},
      {"a program of somebody else on XDP",
       // The generic hook gives no reason; the function that it is freed in tells.
       {"NOT_SPECIFIED", flow::DROP_REASON_UNKNOWN, flow::INGRESS, "to-pod", kPodIp, kHostIp},
       FromPod({.to = kHostIp}),
       [foreign](Router& node) {
         *foreign = std::make_unique<ForeignPrograms>(kTakenPort);
         (*foreign)->DropByXdp(node.host, "to-pod");
       },
       end_foreign},
  };
}

// What a host without a cluster knows of an address: its own, or somebody else's.
uint32_t IdentityOf(const std::string& ip) {
  return ip == kHostIp || ip.starts_with("127.") ? 1 : 2;
}

void CheckDrop(const flow::Flow& drop, const Expected& expected) {
  INFO(drop.ShortDebugString());
  const bool has_reason = KernelReasons().Has(expected.kernel_reason);
  CHECK(TextIn(drop, "drop_reason") == (has_reason ? expected.kernel_reason
                                        : KernelReasons().Has("NOT_SPECIFIED") ? "NOT_SPECIFIED"
                                                                               : ""));
  CHECK(drop.drop_reason_desc() == (has_reason ? expected.reason : expected.vague_reason));
  CHECK(drop.traffic_direction() == expected.direction);
  CHECK(drop.interface().name() == expected.interface);
  CHECK(drop.ip().source() == expected.source);
  CHECK(drop.ip().destination() == expected.destination);
  CHECK(drop.source().identity() == IdentityOf(expected.source));
  CHECK(drop.destination().identity() == IdentityOf(expected.destination));
  CHECK(TextIn(drop, "netfilter_hook") == expected.hook);
  CHECK_FALSE(drop.file().name().empty());
}

}  // namespace

TEST_CASE("each cause of a drop gives one flow with its reason and direction", "[kernel][vm]") {
  Router node;
  std::unique_ptr<ForeignPrograms> foreign;
  std::optional<TunDevice> tun;
  GlobalSetting backlog("/proc/sys/net/core/netdev_max_backlog");
  uint16_t port = 30000;
  const BackgroundTraffic background(node);
  for (const Scenario& scenario : Scenarios(&foreign, &tun, &backlog)) {
    INFO(scenario.name);
    port = static_cast<uint16_t>(port + 10);
    if (scenario.prepare) scenario.prepare(node);
    scenario.cause(node, port);
    const flow::Flow drop = node.agent->WaitForFlow(
        scenario.name, [port](const flow::Flow& flow) { return IsDropOf(flow, port); });
    if (scenario.undo) scenario.undo(node);
    CheckDrop(drop, scenario.expected);

    // The store is in time order: a drop after it shows that there is no second one.
    const auto last = static_cast<uint16_t>(port + 9);
    node.pod.Inside([&] { Send(last, {.to = kHostIp, .port = kClosedPort}); });
    node.agent->WaitForFlow("a drop after it",
                            [last](const flow::Flow& flow) { return IsDropOf(flow, last); });
    const std::vector<flow::Flow> flows = node.agent->Flows();
    CHECK(std::count_if(flows.begin(), flows.end(),
                        [port](const flow::Flow& flow) { return IsDropOf(flow, port); }) == 1);
  }
}

}  // namespace alidade::testing
