// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/pinned_ring.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstring>

#include "tests/perf_writer.skel.h"

namespace alidade::testing {

PinnedRing::PinnedRing() {
  REQUIRE(mount("bpf", folder_.path().c_str(), "bpf", 0, nullptr) == 0);
  programs_ = perf_writer_bpf__open_and_load();
  REQUIRE(programs_ != nullptr);
  REQUIRE(bpf_map__pin(programs_->maps.events, path().c_str()) == 0);
}

PinnedRing::~PinnedRing() {
  perf_writer_bpf__destroy(programs_);
  umount2(folder_.path().c_str(), MNT_DETACH);
}

void PinnedRing::Write(const std::string& bytes) {
  struct {
    uint32_t size;
    char bytes[1024];
  } sample{};
  REQUIRE(!bytes.empty());
  REQUIRE(bytes.size() <= sizeof(sample.bytes));
  sample.size = static_cast<uint32_t>(bytes.size());
  std::memcpy(sample.bytes, bytes.data(), bytes.size());
  const uint32_t zero = 0;
  REQUIRE(bpf_map_update_elem(bpf_map__fd(programs_->maps.sample), &zero, &sample, BPF_ANY) == 0);

  char packet[64] = {};
  LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = sizeof(packet));
  REQUIRE(bpf_prog_test_run_opts(bpf_program__fd(programs_->progs.write_sample), &run) == 0);
  REQUIRE(run.retval == 0);
}

}  // namespace alidade::testing
