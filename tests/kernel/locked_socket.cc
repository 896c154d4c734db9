// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/locked_socket.h"

#include <fcntl.h>
#include <linux/sock_diag.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>

namespace alidade::testing {
namespace {

constexpr size_t kPageSize = 4096;
constexpr std::chrono::seconds kPatience{60};

// Bytes of memory of the segments that wait for the socket's lock.
uint32_t BacklogOf(const Socket& socket) {
  std::array<uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof(memory);
  REQUIRE(getsockopt(socket.fd(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size) == 0);
  return memory[SK_MEMINFO_BACKLOG];
}

}  // namespace

LockedSocket::LockedSocket(const Socket& socket) : socket_(socket) {
  faults_.emplace(static_cast<int>(syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK)));
  REQUIRE(faults_->fd() >= 0);
  uffdio_api api{.api = UFFD_API, .features = 0, .ioctls = 0};
  REQUIRE(ioctl(faults_->fd(), UFFDIO_API, &api) == 0);
  page_ = mmap(nullptr, kPageSize, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(page_ != MAP_FAILED);
  uffdio_register wanted{.range = {.start = reinterpret_cast<uint64_t>(page_), .len = kPageSize},
                         .mode = UFFDIO_REGISTER_MODE_MISSING,
                         .ioctls = 0};
  REQUIRE(ioctl(faults_->fd(), UFFDIO_REGISTER, &wanted) == 0);
  sender_ = std::thread([this] { send(socket_.fd(), page_, 1, MSG_NOSIGNAL); });
  pollfd fault{faults_->fd(), POLLIN, 0};
  CHECK(poll(&fault, 1, std::chrono::milliseconds(kPatience).count()) == 1);
}

LockedSocket::~LockedSocket() {
  // Nobody answers for the page any more, and it is gone: the call fails.
  munmap(page_, kPageSize);
  faults_.reset();
  sender_.join();
}

void LockedSocket::WaitForMore() {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const uint32_t before = backlog_;
  while ((backlog_ = BacklogOf(socket_)) <= before) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace alidade::testing
