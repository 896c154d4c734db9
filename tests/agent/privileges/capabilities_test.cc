// SPDX-License-Identifier: Apache-2.0
#include "agent/privileges/capabilities.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace alidade {
namespace {

const CapabilitySet kAll = SetOf({Capability::kBpf, Capability::kPerfmon, Capability::kNetAdmin});

// Runs `body` in a process of its own, since what it gives up does not come back, and returns its
// exit status.
int InAnotherProcess(int (*body)()) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(body());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

}  // namespace

TEST_CASE("what is missing is named", "[privileges]") {
  CHECK(MissingCapabilities(kAll, kAll).empty());
  CHECK(MissingCapabilities(kAll, 0) ==
        std::vector<std::string>{"CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"});
  CHECK(MissingCapabilities(kAll, SetOf({Capability::kBpf, Capability::kNetAdmin})) ==
        std::vector<std::string>{"CAP_PERFMON"});
  CHECK(MissingCapabilities(0, 0).empty());
}

TEST_CASE("SYS_ADMIN stands for BPF and PERFMON, not for NET_ADMIN", "[privileges]") {
  CHECK(MissingCapabilities(kAll, Bit(Capability::kSysAdmin)) ==
        std::vector<std::string>{"CAP_NET_ADMIN"});
}

TEST_CASE("every thread loses what is not kept", "[privileges]") {
  if ((EffectiveCapabilities() & Bit(Capability::kNetAdmin)) == 0) SKIP("needs CAP_NET_ADMIN");
  CHECK(InAnotherProcess([] {
          std::atomic<int> ready{0};
          std::atomic<bool> look{false};
          std::atomic<int> wrong{0};
          std::vector<std::thread> threads;
          for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
              ready.fetch_add(1);
              while (!look.load()) std::this_thread::yield();
              if (EffectiveCapabilities() != Bit(Capability::kNetAdmin)) wrong.fetch_add(1);
            });
          }
          while (ready.load() < 8) std::this_thread::yield();
          const bool dropped = KeepOnlyCapabilities(Bit(Capability::kNetAdmin)).ok();
          look.store(true);
          for (std::thread& thread : threads) thread.join();
          const bool here = EffectiveCapabilities() == Bit(Capability::kNetAdmin);
          return dropped && here && wrong.load() == 0 ? 0 : 1;
        }) == 0);
}

TEST_CASE("a process may forbid itself new privileges", "[privileges]") {
  CHECK(InAnotherProcess([] {
          return ForbidNewPrivileges().ok() && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
        }) == 0);
}

}  // namespace alidade
