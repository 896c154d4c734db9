// SPDX-License-Identifier: Apache-2.0
//
// What stands on the interface while traffic crosses it: nothing, programs that do nothing, or a
// real agent at some level of aggregation.
#ifndef ALIDADE_TESTS_BENCH_DATAPATH_VARIANT_H_
#define ALIDADE_TESTS_BENCH_DATAPATH_VARIANT_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"

struct empty_bpf;

namespace alidade::testing {

struct Variant {
  std::string name;
  bool has_empty = false;
  std::vector<std::string> agent_flags;  // empty: no agent
};

// In the order in which they are told. The last one is what a program costs that writes a record
// of every packet, limits taken off.
std::vector<Variant> Variants();

// A variant in place, until the object goes.
class InPlace {
 public:
  // On both hooks of `device` in `host`; an agent sees all of the namespace.
  InPlace(const Variant& variant, const NetworkNamespace& host, const std::string& device);
  ~InPlace();
  InPlace(const InPlace&) = delete;
  InPlace& operator=(const InPlace&) = delete;

  // Null without an agent.
  const AgentProcess* agent() const { return agent_.get(); }
  std::set<uint32_t> programs() const;

 private:
  std::unique_ptr<AgentProcess> agent_;
  empty_bpf* empty_ = nullptr;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_DATAPATH_VARIANT_H_
