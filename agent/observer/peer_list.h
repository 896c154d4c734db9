// SPDX-License-Identifier: Apache-2.0
//
// The nodes of the cluster as Peer.Notify tells them (contract 4.2), and the file that names them.
#ifndef ALIDADE_AGENT_OBSERVER_PEER_LIST_H_
#define ALIDADE_AGENT_OBSERVER_PEER_LIST_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace alidade {

struct Peer {
  std::string address;      // `192.0.2.1:4244`, `[2001:db8::1]:4244`, `unix:///path`
  std::string server_name;  // that relay expects in the node's certificate; empty: no TLS

  friend bool operator==(const Peer&, const Peer&) = default;
};

using PeerMap = std::map<std::string, Peer>;  // by `[cluster/]node`

// What a line of the file may leave out.
struct PeerDefaults {
  std::string cluster;  // of nodes that are named without one
  std::string port;     // of addresses without one
  bool tls = false;     // the nodes serve TLS
};

// The name that a node's certificate is expected to have: `<node>.<cluster>.hubble-grpc.cilium.io`,
// with `-` for the dots of node and cluster, and `default` for no cluster. Empty for no node.
std::string TlsServerName(std::string_view node, std::string_view cluster);

// Reads lines of `NAME ADDRESS [TLS-SERVER-NAME]`, separated by blanks; NAME is `node` or
// `cluster/node`; `#` begins a comment.
// Errors: INVALID_ARGUMENT that names the line and what would be right.
absl::StatusOr<PeerMap> ParsePeers(std::string_view text, const PeerDefaults& defaults);

// ParsePeers for what is in the file `path`. Errors name the path; also NOT_FOUND, and
// RESOURCE_EXHAUSTED for a file of more than kMostPeerFileBytes.
absl::StatusOr<PeerMap> ReadPeerFile(const std::string& path, const PeerDefaults& defaults);

inline constexpr size_t kMostPeerFileBytes = size_t{4} << 20;

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_PEER_LIST_H_
