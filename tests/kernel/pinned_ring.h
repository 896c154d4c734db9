// SPDX-License-Identifier: Apache-2.0
//
// A perf event array that is pinned as on a Cilium node, and a BPF program that writes to it.
#ifndef ALIDADE_TESTS_KERNEL_PINNED_RING_H_
#define ALIDADE_TESTS_KERNEL_PINNED_RING_H_

#include <memory>
#include <string>

#include "tests/support/temporary_folder.h"

struct perf_writer_bpf;

namespace alidade::testing {

// Mounts a BPF file system of its own; both are gone with the object.
class PinnedRing {
 public:
  PinnedRing();
  ~PinnedRing();
  PinnedRing(const PinnedRing&) = delete;
  PinnedRing& operator=(const PinnedRing&) = delete;

  // Where the array is pinned.
  std::string path() const { return folder_ / "cilium_events"; }

  // Writes one sample of 1 to 1024 bytes to the ring of the CPU that runs this. The kernel pads it,
  // so that its size and 4 are a multiple of 8.
  void Write(const std::string& bytes);

 private:
  const TemporaryFolder folder_;
  perf_writer_bpf* programs_ = nullptr;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_PINNED_RING_H_
