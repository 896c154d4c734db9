// SPDX-License-Identifier: Apache-2.0
//
// The programs that agents are measured beside, one for each way.
#ifndef ALIDADE_TESTS_BENCH_DATAPATH_BENCH_PROGRAM_H_
#define ALIDADE_TESTS_BENCH_DATAPATH_BENCH_PROGRAM_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "tests/kernel/netns.h"

namespace alidade::testing {

// On both hooks of a device, until the object goes.
class BenchPrograms {
 public:
  virtual ~BenchPrograms() = default;
  // Numbers of the programs.
  virtual std::set<uint32_t> programs() const = 0;
  // Records that found no room so far.
  virtual uint64_t lost() const { return 0; }
};

// What the kernel takes to call a program.
std::unique_ptr<BenchPrograms> EmptyPrograms(const NetworkNamespace& host,
                                             const std::string& device);

// A record of every packet in a perf ring, which a thread reads and throws away at the agent's
// tick.
std::unique_ptr<BenchPrograms> PerfOutputPrograms(const NetworkNamespace& host,
                                                  const std::string& device);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_DATAPATH_BENCH_PROGRAM_H_
