// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/netlink.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// Room for a burst of changes (a node that starts hundreds of pods at once); the kernel doubles it.
constexpr int kReceiveBufferBytes = 1 << 20;
constexpr size_t kMessageBytes = 1 << 15;

// Calls `visit` for each attribute in the `size` bytes at `first`.
template <typename Visit>
void ForEachAttribute(const void* first, size_t size, Visit visit) {
  const auto* end = static_cast<const char*>(first) + size;
  const auto* attribute = static_cast<const nlattr*>(first);
  while (mnl_attr_ok(attribute, static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
    visit(attribute);
    attribute = mnl_attr_next(attribute);
  }
}

// Likewise for the attributes of a message, behind its `header_bytes` long fixed part.
template <typename Visit>
void ForEachAttribute(const nlmsghdr* message, size_t header_bytes, Visit visit) {
  ForEachAttribute(mnl_nlmsg_get_payload_offset(message, header_bytes),
                   mnl_nlmsg_get_payload_len(message) - MNL_ALIGN(header_bytes), visit);
}

std::string KindOf(const nlattr* link_info) {
  std::string kind;
  ForEachAttribute(mnl_attr_get_payload(link_info), mnl_attr_get_payload_len(link_info),
                   [&](const nlattr* attribute) {
                     if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND)
                       kind = mnl_attr_get_str(attribute);
                   });
  return kind;
}

void ReadLink(const nlmsghdr* message, HostNetwork* network, NetworkChanges* changes) {
  const auto* link = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(message));
  // Bridges repeat their ports' links in a family of their own: those are not interfaces.
  if (link->ifi_family == AF_BRIDGE) return;
  const auto index = static_cast<uint32_t>(link->ifi_index);
  if (message->nlmsg_type == RTM_DELLINK) {
    network->interfaces.erase(index);
    changes->links.push_back({index, /*gone=*/true});
    return;
  }
  Interface interface;
  interface.index = index;
  interface.device_type = link->ifi_type;
  interface.flags = link->ifi_flags;
  ForEachAttribute(message, sizeof(*link), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == IFLA_IFNAME) interface.name = mnl_attr_get_str(attribute);
    if (mnl_attr_get_type(attribute) == IFLA_LINKINFO) interface.kind = KindOf(attribute);
  });
  network->interfaces[index] = std::move(interface);
  changes->links.push_back({index, /*gone=*/false});
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

struct SocketDeleter {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

// Asks for `type` and hands every message of the answer to `on_message`: one, or all that there are
// when `flags` has NLM_F_DUMP. The socket is its own, so that changes on the subscription are not
// taken for the answer. `header` is what follows the netlink header (struct ifinfomsg, tcmsg, ...).
template <typename Header>
absl::Status Ask(uint16_t type, uint16_t flags, const Header& header, mnl_cb_t on_message,
                 void* context) {
  std::unique_ptr<mnl_socket, SocketDeleter> socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (socket == nullptr) return SystemError(errno, "open a netlink socket");
  std::vector<char> buffer(kMessageBytes);
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = type;
  request->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  request->nlmsg_seq = 1;
  std::memcpy(mnl_nlmsg_put_extra_header(request, sizeof(header)), &header, sizeof(header));
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0 ||
      mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0) {
    return SystemError(errno, "ask by netlink");
  }
  while (true) {
    const ssize_t bytes = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (bytes < 0) return SystemError(errno, "read a netlink answer");
    const int more = mnl_cb_run(buffer.data(), static_cast<size_t>(bytes), 1,
                                mnl_socket_get_portid(socket.get()), on_message, context);
    // A dump that changed while it was read is marked (EINTR); the change itself is on its way.
    if (more < 0 && errno != EINTR) return SystemError(errno, "understand a netlink answer");
    if (more == MNL_CB_STOP || (flags & NLM_F_DUMP) != NLM_F_DUMP) return absl::OkStatus();
  }
}

template <typename Header>
absl::Status Dump(uint16_t type, const Header& header, mnl_cb_t on_message, void* context) {
  return Ask(type, NLM_F_DUMP, header, on_message, context);
}

int NoteTotals(const nlmsghdr* message, void* found) {
  auto* totals = static_cast<LinkTotals*>(found);
  ForEachAttribute(message, sizeof(ifinfomsg), [&](const nlattr* attribute) {
    rtnl_link_stats64 stats{};
    if (mnl_attr_get_type(attribute) != IFLA_STATS64) return;
    // Kernels differ in how long it is; what we read stands at its beginning.
    std::memcpy(&stats, mnl_attr_get_payload(attribute),
                std::min<size_t>(sizeof(stats), mnl_attr_get_payload_len(attribute)));
    totals->packets = stats.rx_packets + stats.tx_packets;
    totals->bytes = stats.rx_bytes + stats.tx_bytes;
  });
  return MNL_CB_OK;
}

int NoteFilter(const nlmsghdr* message, void* found) {
  // A dump names each chain's template row too; a filter has a handle.
  const auto* filter = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
  if (message->nlmsg_type == RTM_NEWTFILTER && filter->tcm_handle != 0)
    *static_cast<bool*>(found) = true;
  return MNL_CB_OK;
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
  if (mnl_socket_bind(monitor.socket_.get(), RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
                      MNL_SOCKET_AUTOPID) < 0) {
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
    default:
      break;
  }
  return MNL_CB_OK;
}

absl::Status NetlinkMonitor::Resync() {
  HostNetwork fresh;
  NetworkChanges unused;
  Target target{&fresh, &unused};
  RETURN_IF_ERROR(Dump(RTM_GETLINK, ifinfomsg{}, OnMessage, &target));
  RETURN_IF_ERROR(Dump(RTM_GETADDR, ifaddrmsg{}, OnMessage, &target));
  network_ = std::move(fresh);
  return absl::OkStatus();
}

absl::StatusOr<NetworkChanges> NetlinkMonitor::Update() {
  NetworkChanges changes;
  Target target{&network_, &changes};
  std::vector<char> buffer(kMessageBytes);
  while (true) {
    const ssize_t bytes = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
    if (bytes > 0) {
      mnl_cb_run(buffer.data(), static_cast<size_t>(bytes), 0, 0, OnMessage, &target);
      continue;
    }
    if (bytes == 0 || errno == EAGAIN || errno == EWOULDBLOCK) return changes;
    if (errno == EINTR) continue;
    if (errno != ENOBUFS) return SystemError(errno, "read interface changes");
    // What waits is older than what was lost: it could bring back an interface that is gone.
    while (mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size()) > 0 ||
           errno == ENOBUFS) {
    }
    RETURN_IF_ERROR(Resync());
    changes.resynced = true;
  }
}

absl::StatusOr<LinkTotals> TotalsOf(uint32_t ifindex) {
  LinkTotals totals;
  ifinfomsg header{};
  header.ifi_index = static_cast<int>(ifindex);
  RETURN_IF_ERROR(Ask(RTM_GETLINK, 0, header, NoteTotals, &totals));
  return totals;
}

bool HasClsactFilters(uint32_t ifindex) {
  bool found = false;
  for (uint32_t hook : {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS}) {
    tcmsg header{};
    header.tcm_ifindex = static_cast<int>(ifindex);
    header.tcm_parent = TC_H_MAKE(TC_H_CLSACT, hook);
    if (!Dump(RTM_GETTFILTER, header, NoteFilter, &found).ok()) return true;
  }
  return found;
}

}  // namespace alidade
