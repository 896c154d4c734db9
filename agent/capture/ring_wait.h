// SPDX-License-Identifier: Apache-2.0
//
// How a reader of rings sleeps: until a ring wakes it, somebody else does, or a while has passed.
#ifndef ALIDADE_AGENT_CAPTURE_RING_WAIT_H_
#define ALIDADE_AGENT_CAPTURE_RING_WAIT_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/capture/file_descriptor.h"

namespace alidade {

// Thread: one thread waits; Wake may be called from any thread or signal handler.
class RingWait {
 public:
  static absl::StatusOr<RingWait> Create();
  RingWait() = default;

  // Also wakes when the kernel says so for `fd`, a ring's or an epoll descriptor of several: at the
  // moment when it wakes, not as long as there is something to read.
  absl::Status Add(int fd);

  void Wait(absl::Duration timeout) const;
  void Wake() const;

 private:
  FileDescriptor wake_;  // eventfd
  FileDescriptor epoll_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_RING_WAIT_H_
