// SPDX-License-Identifier: Apache-2.0
//
// This node's interfaces and addresses, as rtnetlink(7) tells them: a full dump first, then every
// change as it happens, without polling.
#ifndef ALIDADE_AGENT_CAPTURE_NETLINK_H_
#define ALIDADE_AGENT_CAPTURE_NETLINK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/capture/interface_role.h"
#include "parser/ip_address.h"

struct mnl_socket;
struct nlmsghdr;

namespace alidade {

struct InterfaceAddress {
  uint32_t ifindex = 0;
  IpAddress address;

  friend bool operator<(const InterfaceAddress& a, const InterfaceAddress& b) {
    return std::tie(a.ifindex, a.address.version, a.address.bytes) <
           std::tie(b.ifindex, b.address.version, b.address.bytes);
  }
};

// The network namespace that this thread is in.
struct HostNetwork {
  std::map<uint32_t, Interface> interfaces;  // by index
  std::set<InterfaceAddress> addresses;
};

// Thread: one thread uses an object.
class NetlinkMonitor {
 public:
  // Subscribes to changes and reads the state of now, so that nothing falls between the two.
  static absl::StatusOr<NetlinkMonitor> Open();
  NetlinkMonitor(NetlinkMonitor&&) noexcept = default;
  NetlinkMonitor& operator=(NetlinkMonitor&&) noexcept = default;

  // Readable when Update would find something.
  int fd() const;

  // Takes in the changes that are waiting; never blocks. When the kernel had to throw changes away
  // everything is read again.
  absl::Status Update();

  const HostNetwork& network() const { return network_; }
  uint64_t resyncs() const { return resyncs_; }

 private:
  struct SocketDeleter {
    void operator()(mnl_socket* socket) const;
  };

  NetlinkMonitor() = default;
  absl::Status Resync();
  static int OnMessage(const nlmsghdr* message, void* network);

  std::unique_ptr<mnl_socket, SocketDeleter> socket_;
  HostNetwork network_;
  uint64_t resyncs_ = 0;
};

// Whether any filter is attached to the clsact qdisc of interface `ifindex`; true when in doubt.
bool HasClsactFilters(uint32_t ifindex);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_NETLINK_H_
