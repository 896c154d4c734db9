// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_OBSERVER_DESCRIPTOR_H_
#define ALIDADE_AGENT_OBSERVER_DESCRIPTOR_H_

#include <unistd.h>

namespace alidade {

// Closes a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  const int fd_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_DESCRIPTOR_H_
