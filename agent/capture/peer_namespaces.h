// SPDX-License-Identifier: Apache-2.0
//
// The other network namespaces of this host. Links into them carry a number that is known only in
// this thread's namespace (IFLA_LINK_NETNSID); here is where each leads to.
#ifndef ALIDADE_AGENT_CAPTURE_PEER_NAMESPACES_H_
#define ALIDADE_AGENT_CAPTURE_PEER_NAMESPACES_H_

#include <cstdint>
#include <map>
#include <string>

namespace alidade {

struct PeerNamespace {
  uint32_t inode = 0;
  std::string path;  // where to find it: /run/netns/NAME, or /proc/PID/ns/net
};

// By number. Those that no process is in and that have no name under /run/netns, or that this
// process may not look at, are left out.
std::map<int32_t, PeerNamespace> FindPeerNamespaces();

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_PEER_NAMESPACES_H_
