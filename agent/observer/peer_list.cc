// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/peer_list.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/filter/concat.h"
#include "agent/filter/node_identity.h"
#include "agent/observer/listen.h"
#include "agent/status_macros.h"
#include "parser/ip_address.h"

namespace alidade {
namespace {

constexpr std::string_view kServerNameDomain = ".hubble-grpc.cilium.io";

std::string WithDashes(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '.', '-');
  return text;
}

// `address` with a port; nullopt when it is none.
std::optional<std::string> CompleteAddress(const std::string& address, const std::string& port) {
  if (address.starts_with("unix:///") || address.starts_with('/')) return address;
  if (IpAddress::Parse(address)) return TcpAddress{address, port}.ToString();
  const absl::StatusOr<TcpAddress> with_port =
      ParseTcpAddress(address.find(':') == std::string::npos ? address + ":" + port : address);
  if (!with_port.ok() || with_port->host.empty()) return std::nullopt;
  return with_port->ToString();
}

struct NodeName {
  std::string_view node;
  std::string_view cluster;
};

std::optional<NodeName> SplitName(std::string_view name, const PeerDefaults& defaults) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return NodeName{name, defaults.cluster};
  const NodeName parts{name.substr(slash + 1), name.substr(0, slash)};
  if (parts.node.empty() || parts.cluster.empty() || parts.node.find('/') != name.npos) {
    return std::nullopt;
  }
  return parts;
}

absl::Status ParseLine(const std::vector<std::string>& words, const PeerDefaults& defaults,
                       PeerMap* peers) {
  if (words.size() < 2 || words.size() > 3) {
    return absl::InvalidArgumentError("must be NAME ADDRESS [TLS-SERVER-NAME]");
  }
  const std::optional<NodeName> name = SplitName(words[0], defaults);
  if (!name) {
    return absl::InvalidArgumentError(
        absl::StrCat("name \"", words[0], "\" must be NODE or CLUSTER/NODE"));
  }
  const std::optional<std::string> address = CompleteAddress(words[1], defaults.port);
  if (!address) {
    return absl::InvalidArgumentError(
        absl::StrCat("address \"", words[1], "\" must be HOST or HOST:PORT, IPv6 in brackets"));
  }
  Peer peer{*address, {}};
  if (defaults.tls) {
    peer.server_name = words.size() > 2 ? words[2] : TlsServerName(name->node, name->cluster);
  }
  const std::string full_name =
      NodeIdentity{std::string(name->node), std::string(name->cluster), {}}.FullName();
  if (!peers->emplace(full_name, std::move(peer)).second) {
    return absl::InvalidArgumentError(absl::StrCat("node ", full_name, " is named twice"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string TlsServerName(std::string_view node, std::string_view cluster) {
  if (node.empty()) return {};
  return Concat(WithDashes(node), ".", WithDashes(cluster.empty() ? "default" : cluster),
                kServerNameDomain);
}

absl::StatusOr<PeerMap> ParsePeers(std::string_view text, const PeerDefaults& defaults) {
  PeerMap peers;
  int number = 0;
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(std::string(text), '\n'))) {
    ++number;
    const std::vector<std::string> words =
        absl::StrSplit(line.substr(0, line.find('#')), absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty()) continue;
    const absl::Status status = ParseLine(words, defaults, &peers);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", status.message()));
    }
  }
  return peers;
}

absl::StatusOr<PeerMap> ReadPeerFile(const std::string& path, const PeerDefaults& defaults) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostPeerFileBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMostPeerFileBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": is larger than ", kMostPeerFileBytes, " bytes"));
  }
  absl::StatusOr<PeerMap> peers = ParsePeers(text, defaults);
  if (peers.ok()) return peers;
  return absl::Status(peers.status().code(), absl::StrCat(path, ": ", peers.status().message()));
}

}  // namespace alidade
