// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/peer_address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <optional>

#include "agent/filter/concat.h"
#include "agent/observer/listen.h"
#include "parser/ip_address.h"

namespace alidade {
namespace {

IpAddress AddressOf(const sockaddr* address) {
  if (address == nullptr) return {};
  if (address->sa_family == AF_INET) {
    return IpAddress::V4(&reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
  }
  if (address->sa_family != AF_INET6) return {};
  const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  // A link-local address means nothing without an interface.
  return IN6_IS_ADDR_LINKLOCAL(&v6) ? IpAddress() : IpAddress::V6(&v6);
}

// An address that other hosts may know this one by; loopback when there is none.
std::string OwnAddress() {
  ifaddrs* interfaces = nullptr;
  if (getifaddrs(&interfaces) != 0) return "127.0.0.1";
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(interfaces, freeifaddrs);
  IpAddress best;
  for (const ifaddrs* one = interfaces; one != nullptr; one = one->ifa_next) {
    const IpAddress address = AddressOf(one->ifa_addr);
    const bool usable = (one->ifa_flags & IFF_UP) != 0 && (one->ifa_flags & IFF_LOOPBACK) == 0;
    if (!address.valid() || !usable) continue;
    if (!best.valid() || (best.version == IpVersion::kV6 && address.version == IpVersion::kV4)) {
      best = address;
    }
  }
  return best.valid() ? best.ToString() : "127.0.0.1";
}

bool IsEveryAddress(const std::string& host) {
  if (host.empty()) return true;
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  return address && address->is_unspecified();
}

}  // namespace

std::string PeerAddress(const std::vector<std::string>& listen_addresses,
                        const std::string& socket_path) {
  if (listen_addresses.empty()) return socket_path.empty() ? "" : Concat("unix://", socket_path);
  std::optional<TcpAddress> best;
  for (const std::string& text : listen_addresses) {
    absl::StatusOr<TcpAddress> address = ParseTcpAddress(text);
    if (address.ok() && (!best || (best->is_loopback() && !address->is_loopback()))) {
      best = *std::move(address);
    }
  }
  if (!best) return "";
  if (IsEveryAddress(best->host)) best->host = OwnAddress();
  return best->ToString();
}

}  // namespace alidade
