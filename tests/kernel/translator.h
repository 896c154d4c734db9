// SPDX-License-Identifier: Apache-2.0
//
// Somebody else's load balancer in the sockets of a cgroup (tests/kernel/bpf/translator.bpf.c).
#ifndef ALIDADE_TESTS_KERNEL_TRANSLATOR_H_
#define ALIDADE_TESTS_KERNEL_TRANSLATOR_H_

#include <string>
#include <vector>

#include "tests/kernel/traffic.h"

struct bpf_link;
struct translator_bpf;

namespace alidade::testing {

// Attached as long as the object lives. Every failure fails the test.
class Translator {
 public:
  // On the cgroup `folder`, behind what is there; both addresses are of one family.
  Translator(const std::string& folder, const Peer& service, const Peer& backend);
  ~Translator();
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

 private:
  translator_bpf* programs_;
  std::vector<bpf_link*> links_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_TRANSLATOR_H_
