// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/listener_chooser.h"

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "tests/listener_chooser.skel.h"

namespace alidade::testing {

ListenerChooser::ListenerChooser(uint16_t port) : programs_(listener_chooser_bpf__open()) {
  REQUIRE(programs_ != nullptr);
  programs_->rodata->port = port;
  REQUIRE(listener_chooser_bpf__load(programs_) == 0);
}

void ListenerChooser::Attach(const NetworkNamespace& space) {
  const int netns = open(("/run/netns/" + space.name()).c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(netns >= 0);
  link_ = bpf_program__attach_netns(programs_->progs.choose, netns);
  close(netns);
  REQUIRE(link_ != nullptr);
}

ListenerChooser::~ListenerChooser() {
  bpf_link__destroy(link_);
  listener_chooser_bpf__destroy(programs_);
}

int ListenerChooser::map() const { return bpf_map__fd(programs_->maps.chosen); }

}  // namespace alidade::testing
