// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/traffic.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <thread>
#include <utility>

namespace alidade::testing {
namespace {

// A packet that does not come within a minute never comes.
constexpr int kPatienceMs = 60'000;

void Check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void WaitReadable(const Socket& socket) {
  pollfd waited{socket.fd(), POLLIN, 0};
  Check(poll(&waited, 1, kPatienceMs) == 1, "wait for a packet");
}

// Reads until the other side closes; returns what came.
std::string ReadAll(const Socket& socket) {
  std::string text;
  char buffer[4096];
  while (true) {
    WaitReadable(socket);
    const ssize_t bytes = read(socket.fd(), buffer, sizeof(buffer));
    if (bytes <= 0) return text;
    text.append(buffer, static_cast<size_t>(bytes));
  }
}

// RFC 1071.
uint16_t InternetChecksum(const uint8_t* bytes, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i < size; i += 2) sum += static_cast<uint32_t>(bytes[i] << 8 | bytes[i + 1]);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

}  // namespace

Socket::Socket(int family, int type, int protocol)
    : fd_(socket(family, type | SOCK_CLOEXEC, protocol)) {
  Check(fd_ >= 0, "open a socket");
}

Socket::Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

Peer::Peer(const std::string& ip_address, uint16_t port_number) {
  family = ip_address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  bool parsed;
  if (family == AF_INET) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port_number);
    parsed = inet_pton(AF_INET, ip_address.c_str(), &v4->sin_addr) == 1;
    size = sizeof(sockaddr_in);
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port_number);
    parsed = inet_pton(AF_INET6, ip_address.c_str(), &v6->sin6_addr) == 1;
    size = sizeof(sockaddr_in6);
  }
  Check(parsed, "parse an address");
}

uint16_t LocalPort(const Socket& socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  Check(getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&storage), &size) == 0,
        "read a socket's name");
  return ntohs(storage.ss_family == AF_INET
                   ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                   : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
}

uint64_t CookieOf(const Socket& socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  Check(getsockopt(socket.fd(), SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0, "SO_COOKIE");
  return cookie;
}

Socket Serve(int type, const std::string& ip) {
  const Peer self(ip, 0);
  Socket socket(self.family, type);
  Check(bind(socket.fd(), self.address(), self.size) == 0, "bind");
  if (type == SOCK_STREAM) Check(listen(socket.fd(), 8) == 0, "listen");
  return socket;
}

uint16_t ExchangeTcp(const Socket& listener, const std::string& ip, const std::string& text) {
  return ExchangeTcp(listener, ip, LocalPort(listener), text);
}

uint16_t ExchangeTcp(const Socket& listener, const std::string& ip, uint16_t server_port,
                     const std::string& text) {
  // The listener's socket carries its namespace with it, so its side may run on any thread.
  std::thread server([&] {
    WaitReadable(listener);
    const Socket accepted(accept(listener.fd(), nullptr, nullptr));
    const std::string received = ReadAll(accepted);
    [[maybe_unused]] ssize_t bytes = write(accepted.fd(), received.data(), received.size());
  });
  const Peer peer(ip, server_port);
  const Socket client(peer.family, SOCK_STREAM);
  const bool connected = connect(client.fd(), peer.address(), peer.size) == 0;
  const uint16_t port = LocalPort(client);
  if (connected) {
    [[maybe_unused]] ssize_t bytes = write(client.fd(), text.data(), text.size());
    shutdown(client.fd(), SHUT_WR);
    ReadAll(client);
  }
  server.join();
  Check(connected, "connect");
  return port;
}

uint16_t SendUdp(const std::string& ip, uint16_t port, const std::string& text) {
  const Peer peer(ip, port);
  const Socket client(peer.family, SOCK_DGRAM);
  Check(sendto(client.fd(), text.data(), text.size(), 0, peer.address(), peer.size) >= 0,
        "send a datagram");
  return LocalPort(client);
}

void Ping(const std::string& ip, uint16_t identifier) {
  const Peer peer(ip, 0);
  const bool v6 = peer.family == AF_INET6;
  const Socket raw(peer.family, SOCK_RAW, v6 ? int{IPPROTO_ICMPV6} : int{IPPROTO_ICMP});
  uint8_t echo[16] = {static_cast<uint8_t>(v6 ? 128 : 8)};
  echo[4] = static_cast<uint8_t>(identifier >> 8);
  echo[5] = static_cast<uint8_t>(identifier);
  if (!v6) {  // the kernel fills in ICMPv6 checksums
    const uint16_t checksum = InternetChecksum(echo, sizeof(echo));
    echo[2] = static_cast<uint8_t>(checksum >> 8);
    echo[3] = static_cast<uint8_t>(checksum);
  }
  Check(sendto(raw.fd(), echo, sizeof(echo), 0, peer.address(), peer.size) >= 0, "ping");
  while (true) {
    uint8_t answer[256];
    WaitReadable(raw);
    const ssize_t bytes = recv(raw.fd(), answer, sizeof(answer), 0);
    const size_t offset = v6 ? 0 : 20;  // IPv4 raw sockets deliver the IP header too
    if (bytes < static_cast<ssize_t>(offset + 8)) continue;
    const uint8_t* icmp = answer + offset;
    const uint8_t reply_type = v6 ? 129 : 0;
    if (icmp[0] == reply_type && icmp[4] == echo[4] && icmp[5] == echo[5]) return;
  }
}

void SendFrame(const std::string& device, const std::vector<std::byte>& frame) {
  const Socket packet(AF_PACKET, SOCK_RAW);
  sockaddr_ll out{};
  out.sll_family = AF_PACKET;
  out.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
  const ssize_t sent = sendto(packet.fd(), frame.data(), frame.size(), 0,
                              reinterpret_cast<const sockaddr*>(&out), sizeof(out));
  Check(sent == static_cast<ssize_t>(frame.size()), "send a frame");
}

int64_t Now() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace alidade::testing
