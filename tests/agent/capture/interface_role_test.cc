// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/interface_role.h"

#include <net/if.h>
#include <net/if_arp.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace alidade {
namespace {

Interface Device(const std::string& kind, uint16_t type = ARPHRD_ETHER, uint32_t flags = 0) {
  return {.index = 7, .name = "x", .kind = kind, .device_type = type, .flags = flags};
}

}  // namespace

TEST_CASE("an interface's role follows from its kind", "[capture]") {
  CHECK(RoleOf(Device("")) == InterfaceRole::kUplink);
  CHECK(RoleOf(Device("bond")) == InterfaceRole::kBond);
  CHECK(RoleOf(Device("vlan")) == InterfaceRole::kVlan);
  CHECK(RoleOf(Device("veth")) == InterfaceRole::kPod);
  CHECK(RoleOf(Device("bridge")) == InterfaceRole::kBridge);
  CHECK(RoleOf(Device("vxlan")) == InterfaceRole::kOverlay);
  CHECK(RoleOf(Device("geneve")) == InterfaceRole::kOverlay);
  CHECK(RoleOf(Device("ipip", ARPHRD_TUNNEL)) == InterfaceRole::kOverlay);
  CHECK(RoleOf(Device("tun", ARPHRD_NONE)) == InterfaceRole::kTunnel);
  CHECK(RoleOf(Device("wireguard", ARPHRD_NONE)) == InterfaceRole::kTunnel);
  CHECK(RoleOf(Device("tun")) == InterfaceRole::kHost);
  CHECK(RoleOf(Device("dummy")) == InterfaceRole::kHost);
  CHECK(RoleOf(Device("", ARPHRD_LOOPBACK, IFF_LOOPBACK)) == InterfaceRole::kLoopback);
}

TEST_CASE("a veth that a default route leads through is no pod's", "[capture]") {
  Interface veth = Device("veth");
  veth.has_default_route = true;
  CHECK(RoleOf(veth) == InterfaceRole::kUplink);
  Interface bridge = Device("bridge");
  bridge.has_default_route = true;
  CHECK(RoleOf(bridge) == InterfaceRole::kBridge);
}

TEST_CASE("from-* points appear at aggregation level none only", "[capture]") {
  const auto points = [](const std::string& kind, aggregation_level level) {
    const interface_config config = ConfigOf(Device(kind), level);
    return std::pair<int, int>(config.ingress_point, config.egress_point);
  };
  using Pair = std::pair<int, int>;
  CHECK(points("", AGGREGATION_NONE) == Pair(TRACE_FROM_NETWORK, TRACE_TO_NETWORK));
  CHECK(points("veth", AGGREGATION_NONE) == Pair(TRACE_FROM_ENDPOINT, TRACE_TO_ENDPOINT));
  CHECK(points("vxlan", AGGREGATION_NONE) == Pair(TRACE_FROM_OVERLAY, TRACE_TO_OVERLAY));
  for (aggregation_level level : {AGGREGATION_LOW, AGGREGATION_MEDIUM, AGGREGATION_MAXIMUM}) {
    CHECK(points("", level) == Pair(TRACE_TO_HOST, TRACE_TO_NETWORK));
    CHECK(points("veth", level) == Pair(TRACE_TO_STACK, TRACE_TO_ENDPOINT));
    CHECK(points("bridge", level) == Pair(TRACE_SILENT, TRACE_SILENT));
  }
}

TEST_CASE("a device without Ethernet headers is marked", "[capture]") {
  CHECK(ConfigOf(Device("veth"), AGGREGATION_LOW).l3_device == 0);
  CHECK(ConfigOf(Device("tun", ARPHRD_NONE), AGGREGATION_LOW).l3_device == 1);
  CHECK(ConfigOf(Device("", ARPHRD_LOOPBACK, IFF_LOOPBACK), AGGREGATION_LOW).l3_device == 0);
  const auto shows_outer = [](const std::string& kind, uint16_t type) {
    return (ConfigOf(Device(kind, type), AGGREGATION_LOW).flags & INTERFACE_SHOWS_OUTER) != 0;
  };
  CHECK(shows_outer("gre", ARPHRD_IPGRE));
  CHECK(shows_outer("sit", ARPHRD_SIT));
  CHECK_FALSE(shows_outer("gretap", ARPHRD_ETHER));
  CHECK_FALSE(shows_outer("wireguard", ARPHRD_NONE));
}

}  // namespace alidade
