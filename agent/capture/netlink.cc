// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "agent/capture/netlink_request.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// Room for a burst of changes (a node that starts hundreds of pods at once); the kernel doubles it.
constexpr int kReceiveBufferBytes = 1 << 20;
std::string KindOf(const nlattr* link_info) {
  std::string kind;
  ForEachAttribute(mnl_attr_get_payload(link_info), mnl_attr_get_payload_len(link_info),
                   [&](const nlattr* attribute) {
                     if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
                       kind = mnl_attr_get_str(attribute);
                   });
  return kind;
}

// Takes it out of the living.
void NoteGone(std::map<uint32_t, Interface>::iterator interface, HostNetwork* network) {
  network->gone.push_back(std::move(interface->second));
  network->interfaces.erase(interface);
  if (network->gone.size() > kGoneInterfaces) network->gone.pop_front();
}

void ReadLink(const nlmsghdr* message, HostNetwork* network, NetworkChanges* changes) {
  const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  // Bridges repeat their ports' links in a family of their own: those are not interfaces.
  if (link->ifi_family == AF_BRIDGE) return;
  const auto index = static_cast<uint32_t>(link->ifi_index);
  if (message->nlmsg_type == RTM_DELLINK) {
    const auto found = network->interfaces.find(index);
    if (found != network->interfaces.end()) NoteGone(found, network);
    changes->links.push_back({index, /*gone=*/true});
    return;
  }
  Interface interface;
  interface.index = index;
  interface.device_type = link->ifi_type;
  interface.flags = link->ifi_flags;
  ForEachAttribute(message, sizeof(*link), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == IFLA_IFNAME) interface.name = mnl_attr_get_str(attribute);
    if (mnl_attr_get_type(attribute) == IFLA_LINK)
      interface.peer_index = mnl_attr_get_u32(attribute);
    if (mnl_attr_get_type(attribute) == IFLA_LINK_NETNSID)
      interface.peer_nsid = static_cast<int32_t>(mnl_attr_get_u32(attribute));
    if (mnl_attr_get_type(attribute) == IFLA_LINKINFO) interface.kind = KindOf(attribute);
  });
  interface.has_default_route = network->default_routes.LeadThrough(index);
  network->interfaces[index] = std::move(interface);
  changes->links.push_back({index, /*gone=*/false});
}

void ReadRoute(const nlmsghdr* message, HostNetwork* network, NetworkChanges* changes) {
  if (!network->default_routes.OnMessage(message)) return;
  for (auto& [index, interface] : network->interfaces) {
    const bool leads = network->default_routes.LeadThrough(index);
    if (leads == interface.has_default_route) continue;
    interface.has_default_route = leads;
    changes->links.push_back({index, /*gone=*/false});
  }
}

void ReadAddress(const nlmsghdr* message, HostNetwork* network) {
  const auto* header = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(message));
  const size_t bytes = header->ifa_family == AF_INET ? 4 : 16;
  const void* found = nullptr;
  ForEachAttribute(message, sizeof(*header), [&](const nlattr* attribute) {
    const uint16_t type = mnl_attr_get_type(attribute);
    // On a point-to-point link IFA_ADDRESS is the peer and IFA_LOCAL is us.
    const bool better = type == IFA_LOCAL || (type == IFA_ADDRESS && found == nullptr);
    if (better && mnl_attr_get_payload_len(attribute) == bytes)
      found = mnl_attr_get_payload(attribute);
  });
  if (found == nullptr) return;
  InterfaceAddress address;
  address.ifindex = header->ifa_index;
  address.address = bytes == 4 ? IpAddress::V4(found) : IpAddress::V6(found);
  if (message->nlmsg_type == RTM_DELADDR) {
    network->addresses.erase(address);
  } else {
    network->addresses.insert(address);
  }
}

void ReadTotals(const nlmsghdr* message, LinkTotals* totals) {
  ForEachAttribute(message, sizeof(ifinfomsg), [&](const nlattr* attribute) {
    rtnl_link_stats64 stats{};
    if (mnl_attr_get_type(attribute) != IFLA_STATS64) return;
    // Kernels differ in how long it is; what we read stands at its beginning.
    std::memcpy(&stats, mnl_attr_get_payload(attribute),
                std::min<size_t>(sizeof(stats), mnl_attr_get_payload_len(attribute)));
    totals->packets = stats.rx_packets + stats.tx_packets;
    totals->bytes = stats.rx_bytes + stats.tx_bytes;
  });
}

}  // namespace

void NetlinkMonitor::SocketDeleter::operator()(mnl_socket* socket) const {
  mnl_socket_close(socket);
}

absl::StatusOr<NetlinkMonitor> NetlinkMonitor::Open() {
  NetlinkMonitor monitor;
  monitor.socket_.reset(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (monitor.socket_ == nullptr) return SystemError(errno, "open a netlink socket");
  const int fd = monitor.fd();
  // Beyond the system's limit only with CAP_NET_ADMIN; without, the limit is what we get.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes,
                 sizeof(kReceiveBufferBytes)) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof(kReceiveBufferBytes));
  }
  RETURN_IF_ERROR(KeepOtherRoutesOut(fd));
  constexpr unsigned kGroups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (mnl_socket_bind(monitor.socket_.get(), kGroups, MNL_SOCKET_AUTOPID) < 0) {
    return SystemError(errno, "subscribe to interface changes");
  }
  RETURN_IF_ERROR(monitor.Resync());
  return monitor;
}

int NetlinkMonitor::fd() const { return mnl_socket_get_fd(socket_.get()); }

int NetlinkMonitor::OnMessage(const nlmsghdr* message, void* target) {
  const auto& [network, changes] = *static_cast<Target*>(target);
  switch (message->nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      ReadLink(message, network, changes);
      break;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      ReadAddress(message, network);
      changes->addresses = true;
      break;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      ReadRoute(message, network, changes);
      break;
    default:
      break;
  }
  return MNL_CB_OK;
}

absl::Status NetlinkMonitor::Resync() {
  HostNetwork fresh;
  NetworkChanges unused;
  Target target{&fresh, &unused};
  const auto read = [&](const nlmsghdr* message) { OnMessage(message, &target); };
  ASSIGN_OR_RETURN(fresh.default_routes, DefaultRoutes::Read());
  RETURN_IF_ERROR(Ask(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}, read));
  RETURN_IF_ERROR(Ask(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}, read));
  for (auto next = network_.interfaces.begin(); next != network_.interfaces.end();) {
    const auto interface = next++;
    if (fresh.interfaces.count(interface->first) == 0) NoteGone(interface, &network_);
  }
  fresh.gone = std::move(network_.gone);
  network_ = std::move(fresh);
  has_missed_ = false;
  return absl::OkStatus();
}

absl::StatusOr<NetworkChanges> NetlinkMonitor::Update() {
  NetworkChanges changes;
  Target target{&network_, &changes};
  std::vector<char> buffer(kMessageBytes);
  while (true) {
    if (has_missed_) {
      // What waits is older than what was lost: it could bring back an interface that is gone.
      while (mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size()) > 0 ||
             errno == ENOBUFS || errno == EINTR) {
      }
      RETURN_IF_ERROR(Resync());
      changes.resynced = true;
    }
    const ssize_t bytes = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
    if (bytes > 0) {
      mnl_cb_run(buffer.data(), static_cast<size_t>(bytes), 0, 0, OnMessage, &target);
      continue;
    }
    if (bytes == 0 || errno == EAGAIN || errno == EWOULDBLOCK) return changes;
    if (errno == EINTR) continue;
    has_missed_ = true;
    if (errno != ENOBUFS) return SystemError(errno, "read interface changes");
  }
}

absl::StatusOr<LinkTotals> TotalsOf(uint32_t ifindex) {
  LinkTotals totals;
  ifinfomsg header{};
  header.ifi_index = static_cast<int>(ifindex);
  RETURN_IF_ERROR(
      Ask(RTM_GETLINK, 0, header, [&](const nlmsghdr* message) { ReadTotals(message, &totals); }));
  return totals;
}

}  // namespace alidade
