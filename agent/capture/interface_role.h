// SPDX-License-Identifier: Apache-2.0
//
// What an interface is for, and at which observation points its two hooks report.
#ifndef ALIDADE_AGENT_CAPTURE_INTERFACE_ROLE_H_
#define ALIDADE_AGENT_CAPTURE_INTERFACE_ROLE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "bpf/config.h"

namespace alidade {

enum class InterfaceRole : uint8_t {
  kUplink,   // a device with a link partner outside this node; in a container the veth to its host
  kBond,     // several such devices as one (bond, team)
  kVlan,     // one VLAN of such a device
  kPod,      // this node's end of a veth pair that is not its uplink
  kBridge,   // a bridge's own device: what the node itself says in the bridged segment
  kOverlay,  // VXLAN, Geneve and other tunnels: inner packets
  kTunnel,   // tun, wireguard and ppp: packets without Ethernet header, to another network
  kHost,     // any other device that the node speaks through (dummy, tap, macvlan)
  kLoopback,
};

// A network interface as netlink describes it (rtnetlink(7)).
struct Interface {
  uint32_t index = 0;
  std::string name;
  std::string kind;          // IFLA_INFO_KIND; empty for physical devices
  uint16_t device_type = 0;  // ARPHRD_*
  uint32_t flags = 0;        // IFF_*
  uint32_t peer_index = 0;   // IFLA_LINK: of a veth the other end, else the device below; 0: none
  int32_t peer_nsid = -1;    // IFLA_LINK_NETNSID: the peer's namespace; negative: this one
  bool has_default_route = false;  // one of the main table leads through it

  friend bool operator==(const Interface&, const Interface&) = default;
};

InterfaceRole RoleOf(const Interface& interface);
// Whether its partner is outside this node: an address of such an interface is one that others
// know.
bool ReachesOutside(InterfaceRole role);
std::string_view RoleName(InterfaceRole role);

// The row for the map `interfaces`.
interface_config ConfigOf(const Interface& interface, aggregation_level level);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_INTERFACE_ROLE_H_
