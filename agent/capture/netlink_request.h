// SPDX-License-Identifier: Apache-2.0
//
// Questions to rtnetlink(7), and the attributes in its answers.
#ifndef ALIDADE_AGENT_CAPTURE_NETLINK_REQUEST_H_
#define ALIDADE_AGENT_CAPTURE_NETLINK_REQUEST_H_

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>

#include "absl/status/status.h"

namespace alidade {

// The largest message that is taken in.
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

// Asks for `type` and hands every message of the answer to `on_message`: one, or all that there are
// when `flags` has NLM_F_DUMP. `header` holds the bytes that follow the netlink header (struct
// ifinfomsg, tcmsg, ...). The socket is its own, so that changes on a subscription are not taken
// for the answer. Errors: the kernel's, e.g. kNotFound.
absl::Status AskBytes(uint16_t type, uint16_t flags, std::span<const std::byte> header,
                      const std::function<void(const nlmsghdr*)>& on_message);

template <typename Header>
absl::Status Ask(uint16_t type, uint16_t flags, const Header& header,
                 const std::function<void(const nlmsghdr*)>& on_message) {
  return AskBytes(type, flags, std::as_bytes(std::span<const Header, 1>(&header, 1)), on_message);
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_NETLINK_REQUEST_H_
