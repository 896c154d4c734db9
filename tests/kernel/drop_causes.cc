// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/drop_causes.h"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <utility>

#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

void SetOption(const Socket& socket, int level, int option, int value) {
  REQUIRE(setsockopt(socket.fd(), level, option, &value, sizeof(value)) == 0);
}

}  // namespace

void Send(uint16_t from_port, const Datagram& datagram) {
  const Peer peer(datagram.to, datagram.port);
  const bool v6 = peer.family == AF_INET6;
  const Peer self(v6 ? "::" : "0.0.0.0", from_port);
  const Socket socket(peer.family, SOCK_DGRAM);
  REQUIRE(bind(socket.fd(), self.address(), self.size) == 0);
  if (datagram.time_to_live != 0) {
    SetOption(socket, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_UNICAST_HOPS : IP_TTL,
              datagram.time_to_live);
  }
  // Do not fragment, and do not believe a smaller path MTU.
  if (!datagram.may_fragment) SetOption(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  if (datagram.segment_bytes != 0) SetOption(socket, SOL_UDP, UDP_SEGMENT, datagram.segment_bytes);
  const std::string text(datagram.bytes, 'x');
  // The node's own output hook answers with an error: the drop is what counts.
  [[maybe_unused]] const ssize_t sent =
      sendto(socket.fd(), text.data(), text.size(), 0, peer.address(), peer.size);
}

void SendRaw(const PacketBuilder& packet, const std::string& to) {
  const Socket socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  const Peer peer(to, 0);
  const ByteVector bytes = packet.Build();
  REQUIRE(sendto(socket.fd(), bytes.data(), bytes.size(), 0, peer.address(), peer.size) ==
          static_cast<ssize_t>(bytes.size()));
}

GlobalSetting::GlobalSetting(std::string path) : path_(std::move(path)) {
  std::ifstream file(path_);
  std::getline(file, value_);
  REQUIRE_FALSE(value_.empty());
}

void GlobalSetting::Set(const std::string& value) { std::ofstream(path_) << value; }

}  // namespace alidade::testing
