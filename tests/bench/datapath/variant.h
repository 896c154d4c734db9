// SPDX-License-Identifier: Apache-2.0
//
// What stands on the interface while traffic crosses it: nothing, programs that do nothing or write
// all to a perf ring, or a real agent at some level of aggregation.
#ifndef ALIDADE_TESTS_BENCH_DATAPATH_VARIANT_H_
#define ALIDADE_TESTS_BENCH_DATAPATH_VARIANT_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/bench/datapath/bench_program.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"

namespace alidade::testing {

struct Variant {
  std::string name;
  // Null: none of these.
  std::unique_ptr<BenchPrograms> (*programs)(const NetworkNamespace&, const std::string&) = nullptr;
  std::vector<std::string> agent_flags = {};  // empty: no agent
};

// In the order in which they are told. `every-packet` is an agent that reports every packet, limits
// taken off.
std::vector<Variant> Variants();

// A variant in place, until the object goes.
class InPlace {
 public:
  // On both hooks of `device` in `host`; an agent sees all of the namespace.
  InPlace(const Variant& variant, const NetworkNamespace& host, const std::string& device);
  InPlace(const InPlace&) = delete;
  InPlace& operator=(const InPlace&) = delete;

  // Null without an agent.
  const AgentProcess* agent() const { return agent_.get(); }
  std::set<uint32_t> programs() const;
  // Records that programs without an agent have lost.
  uint64_t lost() const { return programs_ == nullptr ? 0 : programs_->lost(); }

 private:
  std::unique_ptr<AgentProcess> agent_;
  std::unique_ptr<BenchPrograms> programs_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_DATAPATH_VARIANT_H_
