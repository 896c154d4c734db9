// SPDX-License-Identifier: Apache-2.0
//
// CPUs that have always something else to do, as on a node that is in use.
#ifndef ALIDADE_TESTS_BENCH_DATAPATH_AWAKE_CPUS_H_
#define ALIDADE_TESTS_BENCH_DATAPATH_AWAKE_CPUS_H_

#include <sys/types.h>

#include <vector>

namespace alidade::testing {

// Runs a process on each CPU, as long as this exists, that computes when nobody else wants to run
// (SCHED_IDLE) and is counted apart, as nice. Where two processes wait for each other, on an idle
// machine what a packet costs is mostly that CPUs fall asleep and are woken, which is dear in a
// virtual machine. To be made by the main thread: the processes end with it.
class AwakeCpus {
 public:
  AwakeCpus();
  ~AwakeCpus();
  AwakeCpus(const AwakeCpus&) = delete;
  AwakeCpus& operator=(const AwakeCpus&) = delete;

 private:
  std::vector<pid_t> processes_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_DATAPATH_AWAKE_CPUS_H_
