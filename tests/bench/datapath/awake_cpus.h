// SPDX-License-Identifier: Apache-2.0
//
// CPUs that do not sleep.
#ifndef ALIDADE_TESTS_BENCH_DATAPATH_AWAKE_CPUS_H_
#define ALIDADE_TESTS_BENCH_DATAPATH_AWAKE_CPUS_H_

#include "agent/capture/file_descriptor.h"

namespace alidade::testing {

// As long as this exists, a CPU that has nothing to do polls instead of sleeping, which still
// counts as idle. Where two processes wait for each other, what a packet costs is else mostly that
// CPUs fall asleep and are woken: dear in a virtual machine, and different each time.
class AwakeCpus {
 public:
  // Throws std::system_error when this cannot be asked of the kernel.
  AwakeCpus();

 private:
  FileDescriptor request_;  // the kernel forgets it when this is closed
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_DATAPATH_AWAKE_CPUS_H_
