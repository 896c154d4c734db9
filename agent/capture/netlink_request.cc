// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/netlink_request.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "agent/capture/system_error.h"

namespace alidade {
namespace {

struct SocketDeleter {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

int CallBack(const nlmsghdr* message, void* on_message) {
  (*static_cast<const std::function<void(const nlmsghdr*)>*>(on_message))(message);
  return MNL_CB_OK;
}

}  // namespace

absl::Status AskBytes(uint16_t type, uint16_t flags, std::span<const std::byte> header,
                      const std::function<void(const nlmsghdr*)>& on_message) {
  std::unique_ptr<mnl_socket, SocketDeleter> socket(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
  if (socket == nullptr) return SystemError(errno, "open a netlink socket");
  std::vector<char> buffer(kMessageBytes);
  nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
  request->nlmsg_type = type;
  request->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  request->nlmsg_seq = 1;
  std::memcpy(mnl_nlmsg_put_extra_header(request, header.size()), header.data(), header.size());
  // Only then does a dump of routes heed which table is asked for.
  const int on = 1;
  if (type == RTM_GETROUTE) {
    mnl_socket_setsockopt(socket.get(), NETLINK_GET_STRICT_CHK, const_cast<int*>(&on), sizeof(on));
  }
  if (mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0 ||
      mnl_socket_sendto(socket.get(), request, request->nlmsg_len) < 0) {
    return SystemError(errno, "ask by netlink");
  }
  auto* context = const_cast<std::function<void(const nlmsghdr*)>*>(&on_message);
  while (true) {
    const ssize_t bytes = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
    if (bytes < 0) return SystemError(errno, "read a netlink answer");
    const int more = mnl_cb_run(buffer.data(), static_cast<size_t>(bytes), 1,
                                mnl_socket_get_portid(socket.get()), CallBack, context);
    // A dump that changed while it was read is marked (EINTR); the change itself is on its way.
    if (more < 0 && errno != EINTR) return SystemError(errno, "understand a netlink answer");
    if (more == MNL_CB_STOP || (flags & NLM_F_DUMP) != NLM_F_DUMP) return absl::OkStatus();
  }
}

}  // namespace alidade
