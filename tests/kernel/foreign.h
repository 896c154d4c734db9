// SPDX-License-Identifier: Apache-2.0
//
// Somebody else's BPF programs on the node under test (tests/kernel/bpf/foreign.bpf.c).
#ifndef ALIDADE_TESTS_KERNEL_FOREIGN_H_
#define ALIDADE_TESTS_KERNEL_FOREIGN_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/kernel/netns.h"

struct foreign_bpf;
struct bpf_program;

namespace alidade::testing {

// Loads the programs; what was attached goes with the object. Every failure fails the test.
class ForeignPrograms {
 public:
  // The dropping programs take datagrams to `taken_port`.
  explicit ForeignPrograms(uint16_t taken_port = 0);
  ~ForeignPrograms();
  ForeignPrograms(const ForeignPrograms&) = delete;
  ForeignPrograms& operator=(const ForeignPrograms&) = delete;

  // On the ingress of `device`, behind what is there.
  void PassByTcx(const NetworkNamespace& host, const std::string& device);
  void DropByTcx(const NetworkNamespace& host, const std::string& device);
  // A clsact filter of its own priority and handle.
  void PassByClsact(const NetworkNamespace& host, const std::string& device);
  // By tcx, or where the kernel has none (before 6.6) by such a filter.
  void DropByTc(const NetworkNamespace& host, const std::string& device);
  // Generic XDP.
  void DropByXdp(const NetworkNamespace& host, const std::string& device);

  // Packets that the passing program has seen.
  uint64_t seen() const;

 private:
  // False when the kernel has no tcx.
  bool AttachTcx(const NetworkNamespace& host, const std::string& device,
                 const bpf_program* program);
  void AttachClsact(const NetworkNamespace& host, const std::string& device,
                    const bpf_program* program);

  foreign_bpf* programs_;
  std::vector<std::function<void()>> detach_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_FOREIGN_H_
