// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/interface_role.h"

#include <net/if.h>
#include <net/if_arp.h>

#include <algorithm>

namespace alidade {
namespace {

// The points of one role. From aggregation level low on, a packet that enters the node is reported
// once, at the ingress hook, under the name of where it goes; level none names where it comes from.
struct RolePoints {
  InterfaceRole role;
  std::string_view name;
  trace_point ingress_none;
  trace_point egress_none;
  trace_point ingress;  // low and above
  trace_point egress;
};

constexpr RolePoints kRoles[] = {
    {InterfaceRole::kUplink, "uplink", TRACE_FROM_NETWORK, TRACE_TO_NETWORK, TRACE_TO_HOST,
     TRACE_TO_NETWORK},
    {InterfaceRole::kBond, "bond", TRACE_FROM_NETWORK, TRACE_TO_NETWORK, TRACE_TO_HOST,
     TRACE_TO_NETWORK},
    {InterfaceRole::kVlan, "vlan", TRACE_FROM_NETWORK, TRACE_TO_NETWORK, TRACE_TO_HOST,
     TRACE_TO_NETWORK},
    {InterfaceRole::kPod, "pod", TRACE_FROM_ENDPOINT, TRACE_TO_ENDPOINT, TRACE_TO_STACK,
     TRACE_TO_ENDPOINT},
    // What crosses a bridge's own device is reported by its ports already.
    {InterfaceRole::kBridge, "bridge", TRACE_TO_HOST, TRACE_FROM_HOST, TRACE_SILENT, TRACE_SILENT},
    {InterfaceRole::kOverlay, "overlay", TRACE_FROM_OVERLAY, TRACE_TO_OVERLAY, TRACE_TO_STACK,
     TRACE_TO_OVERLAY},
    {InterfaceRole::kTunnel, "tunnel", TRACE_FROM_NETWORK, TRACE_TO_NETWORK, TRACE_TO_HOST,
     TRACE_TO_NETWORK},
    {InterfaceRole::kHost, "host", TRACE_FROM_HOST, TRACE_TO_STACK, TRACE_TO_HOST, TRACE_TO_STACK},
    // Every packet on lo leaves and enters: one of the two is enough.
    {InterfaceRole::kLoopback, "loopback", TRACE_TO_HOST, TRACE_FROM_HOST, TRACE_TO_HOST,
     TRACE_SILENT},
};

constexpr std::string_view kOverlayKinds[] = {
    "vxlan",     "geneve", "gre", "gretap", "ip6gre",  "ip6gretap", "erspan",
    "ip6erspan", "ipip",   "sit", "ip6tnl", "bareudp", "vti",       "vti6"};
constexpr std::string_view kBondKinds[] = {"bond", "team"};
constexpr std::string_view kTunnelKinds[] = {"tun", "wireguard", "ppp"};

template <size_t N>
bool Contains(const std::string_view (&kinds)[N], std::string_view kind) {
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

const RolePoints& PointsOf(InterfaceRole role) {
  return *std::find_if(std::begin(kRoles), std::end(kRoles),
                       [role](const RolePoints& row) { return row.role == role; });
}

bool HasEthernetHeader(uint16_t device_type) {
  return device_type == ARPHRD_ETHER || device_type == ARPHRD_LOOPBACK;
}

// include/uapi/linux/if_arp.h, which the C library's header does not follow.
constexpr uint16_t kIp6Gre = 823;

// Tunnels whose packets may come with the outer headers as their link-layer header.
bool MayShowOuterHeaders(uint16_t device_type) {
  return device_type == ARPHRD_IPGRE || device_type == kIp6Gre || device_type == ARPHRD_TUNNEL ||
         device_type == ARPHRD_TUNNEL6 || device_type == ARPHRD_SIT;
}

}  // namespace

InterfaceRole RoleOf(const Interface& interface) {
  if ((interface.flags & IFF_LOOPBACK) != 0) return InterfaceRole::kLoopback;
  if (interface.kind.empty()) return InterfaceRole::kUplink;
  if (Contains(kBondKinds, interface.kind)) return InterfaceRole::kBond;
  if (interface.kind == "vlan") return InterfaceRole::kVlan;
  // A node that is itself a container reaches the world by its end of a pair.
  if (interface.kind == "veth") {
    return interface.has_default_route ? InterfaceRole::kUplink : InterfaceRole::kPod;
  }
  if (interface.kind == "bridge") return InterfaceRole::kBridge;
  if (Contains(kOverlayKinds, interface.kind)) return InterfaceRole::kOverlay;
  // A tap has the kind of a tun, and Ethernet headers.
  if (Contains(kTunnelKinds, interface.kind) && !HasEthernetHeader(interface.device_type)) {
    return InterfaceRole::kTunnel;
  }
  return InterfaceRole::kHost;
}

bool ReachesOutside(InterfaceRole role) {
  return role == InterfaceRole::kUplink || role == InterfaceRole::kBond ||
         role == InterfaceRole::kVlan;
}

std::string_view RoleName(InterfaceRole role) { return PointsOf(role).name; }

interface_config ConfigOf(const Interface& interface, aggregation_level level) {
  const RolePoints& points = PointsOf(RoleOf(interface));
  interface_config config{};
  config.ingress_point = level == AGGREGATION_NONE ? points.ingress_none : points.ingress;
  config.egress_point = level == AGGREGATION_NONE ? points.egress_none : points.egress;
  if (&points == &PointsOf(InterfaceRole::kPod)) config.flags = INTERFACE_IS_POD;
  if (MayShowOuterHeaders(interface.device_type)) config.flags |= INTERFACE_SHOWS_OUTER;
  config.l3_device = !HasEthernetHeader(interface.device_type);
  return config;
}

}  // namespace alidade
