// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/default_routes.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "agent/capture/netlink_request.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// Asks for the routes of one table.
struct RoutesRequest {
  rtmsg header{};
  nlattr attribute{sizeof(nlattr) + sizeof(uint32_t), RTA_TABLE};
  uint32_t table = RT_TABLE_MAIN;
};

// The ways of a route over several (RTA_MULTIPATH).
void ReadNextHops(const nlattr* attribute, std::set<uint32_t>* interfaces) {
  const auto* hop = static_cast<const rtnexthop*>(mnl_attr_get_payload(attribute));
  size_t left = mnl_attr_get_payload_len(attribute);
  while (left >= sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= left) {
    interfaces->insert(static_cast<uint32_t>(hop->rtnh_ifindex));
    const size_t step = std::min<size_t>(RTNH_ALIGN(hop->rtnh_len), left);
    hop = reinterpret_cast<const rtnexthop*>(reinterpret_cast<const char*>(hop) + step);
    left -= step;
  }
}

}  // namespace

absl::StatusOr<DefaultRoutes> DefaultRoutes::Read() {
  DefaultRoutes routes;
  for (const int family : {AF_INET, AF_INET6}) {
    RoutesRequest request;
    request.header.rtm_family = static_cast<uint8_t>(family);
    const absl::Status asked = Ask(RTM_GETROUTE, NLM_F_DUMP, request,
                                   [&](const nlmsghdr* message) { routes.OnMessage(message); });
    // A table without a route need not be there.
    if (!asked.ok() && !absl::IsNotFound(asked)) return asked;
  }
  return routes;
}

bool DefaultRoutes::OnMessage(const nlmsghdr* message) {
  const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(message));
  if (route->rtm_dst_len != 0 || route->rtm_type != RTN_UNICAST) return false;
  Key key{.family = route->rtm_family, .tos = route->rtm_tos};
  uint32_t table = route->rtm_table;
  std::set<uint32_t> interfaces;
  ForEachAttribute(message, sizeof(*route), [&](const nlattr* attribute) {
    switch (mnl_attr_get_type(attribute)) {
      case RTA_TABLE:
        table = mnl_attr_get_u32(attribute);
        break;
      case RTA_PRIORITY:
        key.priority = mnl_attr_get_u32(attribute);
        break;
      case RTA_OIF:
        interfaces.insert(mnl_attr_get_u32(attribute));
        break;
      case RTA_MULTIPATH:
        ReadNextHops(attribute, &interfaces);
        break;
      default:
        break;
    }
  });
  if (table != RT_TABLE_MAIN) return false;
  std::set<uint32_t>& known = interfaces_[key];
  if (message->nlmsg_type == RTM_DELROUTE) {
    for (const uint32_t ifindex : interfaces) known.erase(ifindex);
  } else if ((message->nlmsg_flags & NLM_F_REPLACE) != 0) {
    known = std::move(interfaces);  // nothing tells that the one before is gone
  } else {
    known.merge(interfaces);
  }
  if (known.empty()) interfaces_.erase(key);
  return true;
}

bool DefaultRoutes::LeadThrough(uint32_t ifindex) const {
  return std::any_of(interfaces_.begin(), interfaces_.end(),
                     [ifindex](const auto& route) { return route.second.count(ifindex) != 0; });
}

absl::Status KeepOtherRoutesOut(int fd) {
  constexpr auto kTypeOffset = static_cast<uint32_t>(offsetof(nlmsghdr, nlmsg_type));
  constexpr auto kLengthOffset = static_cast<uint32_t>(NLMSG_HDRLEN + offsetof(rtmsg, rtm_dst_len));
  // Loads of half words are of network byte order (socket(7), SO_ATTACH_FILTER).
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, kTypeOffset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 2),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kLengthOffset),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog program{static_cast<uint16_t>(std::size(code)), code};
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0) {
    return absl::OkStatus();
  }
  return SystemError(errno, "keep other routes' changes out");
}

}  // namespace alidade
