// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/peer_namespaces.h"

#include <fcntl.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/capture/file_descriptor.h"
#include "agent/capture/netlink_request.h"

namespace alidade {
namespace {

// A request for the number of the namespace behind a descriptor.
struct NumberRequest {
  rtgenmsg header;
  uint8_t pad[3];
  nlattr attribute;
  uint32_t fd;
};

int32_t NumberOf(int fd) {
  NumberRequest request{};
  request.header.rtgen_family = AF_UNSPEC;
  request.attribute.nla_len = sizeof(request.attribute) + sizeof(request.fd);
  request.attribute.nla_type = NETNSA_FD;
  request.fd = static_cast<uint32_t>(fd);
  int32_t number = NETNSA_NSID_NOT_ASSIGNED;
  const auto read = [&](const nlmsghdr* message) {
    ForEachAttribute(message, MNL_ALIGN(sizeof(rtgenmsg)), [&](const nlattr* attribute) {
      if (mnl_attr_get_type(attribute) == NETNSA_NSID)
        number = static_cast<int32_t>(mnl_attr_get_u32(attribute));
    });
  };
  return Ask(RTM_GETNSID, 0, request, read).ok() ? number : NETNSA_NSID_NOT_ASSIGNED;
}

// Names come first: they say more than a process does.
std::vector<std::string> Candidates() {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/run/netns", ignored)) {
    paths.push_back(entry.path().string());
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string pid = entry.path().filename().string();
    const bool is_pid = std::all_of(pid.begin(), pid.end(),
                                    [](unsigned char letter) { return std::isdigit(letter) != 0; });
    if (is_pid) paths.push_back(absl::StrCat("/proc/", pid, "/ns/net"));
  }
  return paths;
}

}  // namespace

std::map<int32_t, PeerNamespace> FindPeerNamespaces() {
  std::map<int32_t, PeerNamespace> found;
  std::set<uint64_t> inodes;
  for (const std::string& path : Candidates()) {
    struct stat status {};
    if (stat(path.c_str(), &status) != 0 || !inodes.insert(status.st_ino).second) continue;
    const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid()) continue;
    const int32_t number = NumberOf(fd.get());
    if (number < 0) continue;
    found.emplace(number, PeerNamespace{static_cast<uint32_t>(status.st_ino), path});
  }
  return found;
}

}  // namespace alidade
