// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the file that names the nodes: it is refused with the line that is wrong, or every
// node in it has a name and an address.
#include <cstdlib>

#include "agent/observer/peer_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace alidade;  // NOLINT(google-build-using-namespace)
  const PeerDefaults defaults{.cluster = "", .port = "4244", .tls = size % 2 == 0};
  const absl::StatusOr<PeerMap> peers =
      ParsePeers({reinterpret_cast<const char*>(data), size}, defaults);
  if (!peers.ok()) {
    if (peers.status().message().find("line ") != 0) std::abort();
    return 0;
  }
  for (const auto& [name, peer] : *peers) {
    if (name.empty() || peer.address.empty()) std::abort();
    if (!defaults.tls && !peer.server_name.empty()) std::abort();
  }
  return 0;
}
