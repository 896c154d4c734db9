// SPDX-License-Identifier: Apache-2.0
//
// What a machine spends: CPU time of all its CPUs, packets of an interface, nanoseconds of BPF
// programs.
#ifndef ALIDADE_TESTS_BENCH_DATAPATH_COST_H_
#define ALIDADE_TESTS_BENCH_DATAPATH_COST_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "tests/kernel/netns.h"

namespace alidade::testing {

// Nanoseconds that all CPUs together were neither idle nor waiting for a device (proc_stat(5)),
// from some moment on, in steps of 10 ms. What they were busy with is not added up: the kernel
// samples that at ticks, but measures idle time (kernel/time/tick-sched.c).
uint64_t BusyNanoseconds();

// Packets that `device` has sent and received; a super-packet of segmentation offload is one.
uint64_t PacketsOf(const NetworkNamespace& space, const std::string& device);

// The kernel measures run times of BPF programs as long as this exists (BPF_ENABLE_STATS).
class RunTimeStatistics {
 public:
  RunTimeStatistics();
  ~RunTimeStatistics();
  RunTimeStatistics(const RunTimeStatistics&) = delete;
  RunTimeStatistics& operator=(const RunTimeStatistics&) = delete;

 private:
  int fd_;
};

struct RunTime {
  uint64_t runs = 0;
  uint64_t ns = 0;
};
// Of the programs with these ids, by name.
std::map<std::string, RunTime> RunTimesOf(const std::set<uint32_t>& programs);

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_DATAPATH_COST_H_
