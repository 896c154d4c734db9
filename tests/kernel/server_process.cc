// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/server_process.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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
  if (how.takes_others) ok = ok && Set(fd, IPPROTO_IP, IP_TRANSPARENT, 1);
  ok = ok && (!how.is_bound || bind(fd, at.address(), at.size) == 0);
  if (how.opens_fast) ok = ok && Set(fd, IPPROTO_TCP, TCP_FASTOPEN, 8);
  ok = ok && listen(fd, 8) == 0;
  if (how.told_map >= 0) {
    const uint32_t first = 0;
    const uint64_t socket = static_cast<uint64_t>(fd);
    ok = ok && bpf_map_update_elem(how.told_map, &first, &socket, BPF_ANY) == 0;
  }
  return ok ? fd : -1;
}

// Until the other end of `life` is closed, which the end of the test does, however it ends.
void Accept(int listener, int life, int told) {
  while (true) {
    pollfd waited[] = {{listener, POLLIN, 0}, {life, POLLIN, 0}};
    if (poll(waited, 2, -1) <= 0 || waited[1].revents != 0) return;
    // Nothing is asked of the socket that would let the agent note who asks.
    const int fd = accept(listener, nullptr, nullptr);
    Accepted accepted{.server = getpid()};
    const ssize_t bytes = read(fd, &accepted.client_port, sizeof(accepted.client_port));
    close(fd);
    if (bytes == sizeof(accepted.client_port) &&
        write(told, &accepted, sizeof(accepted)) != sizeof(accepted))
      return;
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
