// SPDX-License-Identifier: Apache-2.0
//
// The interfaces that this node's default routes lead through, as rtnetlink(7) tells them: what the
// node itself reaches the world by, whatever kind of device that is.
#ifndef ALIDADE_AGENT_CAPTURE_DEFAULT_ROUTES_H_
#define ALIDADE_AGENT_CAPTURE_DEFAULT_ROUTES_H_

#include <cstdint>
#include <map>
#include <set>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct nlmsghdr;

namespace alidade {

class DefaultRoutes {
 public:
  // Those of the main table, IPv4 and IPv6, of this thread's network namespace.
  static absl::StatusOr<DefaultRoutes> Read();

  // Takes in an RTM_NEWROUTE or RTM_DELROUTE; other routes than default ones of the main table
  // count for nothing. Returns whether it was one.
  bool OnMessage(const nlmsghdr* message);

  // Whether a default route leads through the interface.
  bool LeadThrough(uint32_t ifindex) const;

 private:
  // What the kernel tells two routes to one destination apart by.
  struct Key {
    uint8_t family = 0;
    uint8_t tos = 0;
    uint32_t priority = 0;
    bool operator<(const Key& other) const {
      return std::tie(family, tos, priority) < std::tie(other.family, other.tos, other.priority);
    }
  };

  std::map<Key, std::set<uint32_t>> interfaces_;
};

// Makes the kernel keep messages of other than default routes from the netlink socket `fd`: a
// router's hundreds of thousands would drown the changes of interfaces.
absl::Status KeepOtherRoutesOut(int fd);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_DEFAULT_ROUTES_H_
