// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath/awake_cpus.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

namespace alidade::testing {
namespace {

constexpr int kLeastPriority = 19;

[[noreturn]] void Compute(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  const sched_param parameters{};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (sched_setaffinity(0, sizeof(set), &set) != 0 ||
      setpriority(PRIO_PROCESS, 0, kLeastPriority) != 0 ||
      sched_setscheduler(0, SCHED_IDLE, &parameters) != 0)
    _exit(1);
  for (volatile unsigned count = 0;;) count = count + 1;
}

}  // namespace

AwakeCpus::AwakeCpus() {
  for (unsigned cpu = 0; cpu < std::thread::hardware_concurrency(); ++cpu) {
    const pid_t process = fork();
    if (process < 0) throw std::runtime_error("cannot start a process");
    if (process == 0) Compute(cpu);
    processes_.push_back(process);
  }
}

AwakeCpus::~AwakeCpus() {
  for (const pid_t process : processes_) {
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  }
}

}  // namespace alidade::testing
