// SPDX-License-Identifier: Apache-2.0
//
// A socket that is busy: what comes in for it waits in its backlog.
#ifndef ALIDADE_TESTS_KERNEL_LOCKED_SOCKET_H_
#define ALIDADE_TESTS_KERNEL_LOCKED_SOCKET_H_

#include <cstdint>
#include <optional>
#include <thread>

#include "tests/kernel/traffic.h"

namespace alidade::testing {

// As long as this object exists, the kernel is in the midst of a send() on a TCP socket and holds
// its lock: the text to send is in memory that it cannot read yet (userfaultfd). Segments that come
// in meanwhile are taken up one after the other when the object ends. Nothing is sent.
class LockedSocket {
 public:
  // `socket` is connected and outlives this object.
  explicit LockedSocket(const Socket& socket);
  ~LockedSocket();
  LockedSocket(const LockedSocket&) = delete;
  LockedSocket& operator=(const LockedSocket&) = delete;

  // Waits until something more is in the backlog than at the last call.
  void WaitForMore();

 private:
  const Socket& socket_;
  std::optional<Socket> faults_;
  void* page_;
  std::thread sender_;
  uint32_t backlog_ = 0;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_LOCKED_SOCKET_H_
