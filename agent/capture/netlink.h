// SPDX-License-Identifier: Apache-2.0
//
// This node's interfaces and addresses, as rtnetlink(7) tells them: a full dump first, then every
// change as it happens, without polling.
#ifndef ALIDADE_AGENT_CAPTURE_NETLINK_H_
#define ALIDADE_AGENT_CAPTURE_NETLINK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/capture/default_routes.h"
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

inline constexpr size_t kGoneInterfaces = 1024;

// The network namespace that this thread is in.
struct HostNetwork {
  std::map<uint32_t, Interface> interfaces;  // by index
  // As they were last, the newest behind: what they carried may still be on its way. At most
  // kGoneInterfaces.
  std::deque<Interface> gone;
  std::set<InterfaceAddress> addresses;
  DefaultRoutes default_routes;
};

// What became of one interface.
struct LinkChange {
  uint32_t ifindex = 0;
  bool gone = false;  // false: it is new, or something about it is
};

// What one look found.
struct NetworkChanges {
  bool resynced = false;          // changes were lost and everything was read again: compare all
  std::vector<LinkChange> links;  // in the order in which they happened
  bool addresses = false;

  bool any() const { return resynced || addresses || !links.empty(); }
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
  // everything is read again. Errors: what was waiting is lost, and the next call reads everything.
  absl::StatusOr<NetworkChanges> Update();

  const HostNetwork& network() const { return network_; }

 private:
  struct SocketDeleter {
    void operator()(mnl_socket* socket) const;
  };
  // Where messages are noted.
  struct Target {
    HostNetwork* network;
    NetworkChanges* changes;
  };

  NetlinkMonitor() = default;
  absl::Status Resync();
  static int OnMessage(const nlmsghdr* message, void* target);

  std::unique_ptr<mnl_socket, SocketDeleter> socket_;
  HostNetwork network_;
  bool has_missed_ = false;  // changes, since everything was read
};

// What interface `ifindex` has carried, both ways, since it exists.
struct LinkTotals {
  uint64_t packets = 0;
  uint64_t bytes = 0;
};
// Errors: kNotFound when the interface is gone.
absl::StatusOr<LinkTotals> TotalsOf(uint32_t ifindex);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_NETLINK_H_
