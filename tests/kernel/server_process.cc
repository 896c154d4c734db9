// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/server_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <cstring>

#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

bool Set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

// A socket that listens so, or -1; only calls that a child of a process with threads may make.
int Listen(const Listening& how, const Peer& at) {
  const int fd = socket(at.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool ok = fd >= 0 && Set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (how.shares_port) ok = ok && Set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (at.family == AF_INET6) ok = ok && Set(fd, IPPROTO_IPV6, IPV6_V6ONLY, how.only_ipv6 ? 1 : 0);
  if (!how.device.empty()) {
    ok = ok && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, how.device.data(),
                          static_cast<socklen_t>(how.device.size())) == 0;
  }
  ok = ok && bind(fd, at.address(), at.size) == 0 && listen(fd, 8) == 0;
  return ok ? fd : -1;
}

uint16_t PortOf(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// Until the other end of `life` is closed, which the end of the test does, however it ends.
void Accept(int listener, int life, int told) {
  while (true) {
    pollfd waited[] = {{listener, POLLIN, 0}, {life, POLLIN, 0}};
    if (poll(waited, 2, -1) <= 0 || waited[1].revents != 0) return;
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    const int fd = accept(listener, reinterpret_cast<sockaddr*>(&from), &size);
    char byte;
    const ssize_t bytes = read(fd, &byte, 1);
    close(fd);
    const Accepted accepted{.server = getpid(), .client_port = PortOf(from)};
    if (bytes == 1 && write(told, &accepted, sizeof(accepted)) != sizeof(accepted)) return;
  }
}

}  // namespace

AcceptedPipe::AcceptedPipe() { REQUIRE(pipe2(ends_, O_CLOEXEC) == 0); }

AcceptedPipe::~AcceptedPipe() {
  for (const int end : ends_) close(end);
}

Accepted AcceptedPipe::Next() const {
  Accepted accepted;
  REQUIRE(read(ends_[0], &accepted, sizeof(accepted)) == sizeof(accepted));
  return accepted;
}

ServerProcess::ServerProcess(const NetworkNamespace& space, const Listening& listening,
                             const AcceptedPipe& accepted) {
  int ends[2], life[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  REQUIRE(pipe2(life, O_CLOEXEC) == 0);
  life_ = life[1];
  const Peer at(listening.ip, listening.port);
  space.Inside([&] {
    pid_ = fork();
    if (pid_ != 0) return;
    const int listener = Listen(listening, at);
    const int error = listener < 0 ? errno : 0;
    [[maybe_unused]] const ssize_t bytes = write(ends[1], &error, sizeof(error));
    close(life[1]);
    if (error == 0) Accept(listener, life[0], accepted.input());
    _exit(1);
  });
  close(ends[1]);
  close(life[0]);
  int error = 0;
  const ssize_t bytes = read(ends[0], &error, sizeof(error));
  close(ends[0]);
  INFO("listen on " << listening.ip << " " << listening.port << ": " << std::strerror(error));
  REQUIRE(bytes == sizeof(error));
  REQUIRE(error == 0);
}

ServerProcess::~ServerProcess() {
  close(life_);
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);  // a server that was started later holds the same end
  waitpid(pid_, nullptr, 0);
}

}  // namespace alidade::testing
