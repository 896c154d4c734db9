// SPDX-License-Identifier: Apache-2.0
//
// Real packets from real sockets, sent from the calling thread's network namespace.
#ifndef ALIDADE_TESTS_KERNEL_TRAFFIC_H_
#define ALIDADE_TESTS_KERNEL_TRAFFIC_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace alidade::testing {

// A socket that closes itself.
class Socket {
 public:
  // Fails the test when there is none to be had.
  Socket(int family, int type, int protocol = 0);
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;
  ~Socket();
  int fd() const { return fd_; }

 private:
  int fd_;
};

// A host and a port of either family.
struct Peer {
  Peer(const std::string& ip_address, uint16_t port_number);
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_storage storage{};
  socklen_t size = 0;
  int family = 0;
};

uint16_t LocalPort(const Socket& socket);
// SO_COOKIE.
uint64_t CookieOf(const Socket& socket);
// A socket that listens on (TCP) or is bound to (UDP) `ip`, at a port of the kernel's choice.
Socket Serve(int type, const std::string& ip);

// Connects by TCP, sends `text` and waits until the other side has closed; the other side is
// `listener`, which answers with the same text. Returns the port that was connected from.
uint16_t ExchangeTcp(const Socket& listener, const std::string& ip, const std::string& text);
// Likewise, by an address and port that lead to `listener`.
uint16_t ExchangeTcp(const Socket& listener, const std::string& ip, uint16_t port,
                     const std::string& text);
// Sends one datagram to `ip`:`port`; returns the port it was sent from.
uint16_t SendUdp(const std::string& ip, uint16_t port, const std::string& text);
// Sends an echo request (ICMP or ICMPv6, by the family of `ip`) with this identifier and waits for
// its reply. Needs CAP_NET_RAW.
void Ping(const std::string& ip, uint16_t identifier);

// Sends `frame`, from its Ethernet header on, out of `device` as it is.
void SendFrame(const std::string& device, const std::vector<std::byte>& frame);

// Nanoseconds since the epoch.
int64_t Now();

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_TRAFFIC_H_
