// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/ring_wait.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {

absl::StatusOr<RingWait> RingWait::Create() {
  RingWait wait;
  wait.wake_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  wait.epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!wait.wake_.valid() || !wait.epoll_.valid()) {
    return SystemError(errno, "create an event descriptor");
  }
  RETURN_IF_ERROR(wait.Add(wait.wake_.get()));
  return wait;
}

absl::Status RingWait::Add(int fd) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return SystemError(errno, "wait for an event ring");
  }
  return absl::OkStatus();
}

void RingWait::Wait(absl::Duration timeout) const {
  epoll_event events[2];
  const int ready =
      epoll_wait(epoll_.get(), events, 2, static_cast<int>(ToInt64Milliseconds(timeout)));
  for (int i = 0; i < ready; ++i) {
    if (events[i].data.fd != wake_.get()) continue;
    // The count does not matter, and a second reader of the eventfd does not exist.
    uint64_t count = 0;
    [[maybe_unused]] ssize_t bytes = read(wake_.get(), &count, sizeof(count));
  }
}

void RingWait::Wake() const {
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t bytes = write(wake_.get(), &one, sizeof(one));
}

}  // namespace alidade
