// SPDX-License-Identifier: Apache-2.0
//
// A program of somebody else that chooses who listens (tests/kernel/bpf/listener_chooser.bpf.c).
#ifndef ALIDADE_TESTS_KERNEL_LISTENER_CHOOSER_H_
#define ALIDADE_TESTS_KERNEL_LISTENER_CHOOSER_H_

#include <cstdint>

#include "tests/kernel/netns.h"

struct bpf_link;
struct listener_chooser_bpf;

namespace alidade::testing {

// Every failure fails the test.
class ListenerChooser {
 public:
  // Connections to `port` are its business.
  explicit ListenerChooser(uint16_t port);
  ~ListenerChooser();
  ListenerChooser(const ListenerChooser&) = delete;
  ListenerChooser& operator=(const ListenerChooser&) = delete;

  // A map of sockets: they reach the one in its first row.
  int map() const;
  // As long as the object lives.
  void Attach(const NetworkNamespace& space);

 private:
  listener_chooser_bpf* programs_;
  bpf_link* link_ = nullptr;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_LISTENER_CHOOSER_H_
