// SPDX-License-Identifier: Apache-2.0
//
// The kernel keeps capabilities by thread, and a thread can change only its own. Here each thread
// is sent a signal whose action makes the change, as the C library does for user ids.
#include "agent/privileges/capabilities.h"

#include <dirent.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace alidade {
namespace {

struct Named {
  Capability capability;
  const char* name;
};
constexpr Named kNames[] = {
    {Capability::kBpf, "CAP_BPF"},
    {Capability::kPerfmon, "CAP_PERFMON"},
    {Capability::kNetAdmin, "CAP_NET_ADMIN"},
    {Capability::kSysAdmin, "CAP_SYS_ADMIN"},
};

// How long all threads may take to answer a signal.
constexpr absl::Duration kPatience = absl::Seconds(10);

struct ThreadSets {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
};

// Async-signal-safe.
bool Read(ThreadSets* sets) { return syscall(SYS_capget, &sets->header, sets->data) == 0; }

// What the signal's action keeps; set before the signal is sent.
std::atomic<CapabilitySet> kept_by_action{0};

// Async-signal-safe.
void KeepInThisThread() {
  const CapabilitySet kept = kept_by_action.load(std::memory_order_relaxed);
  ThreadSets sets;
  if (!Read(&sets)) return;
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; ++i) {
    const auto word = static_cast<uint32_t>(kept >> (32 * i));
    sets.data[i].effective &= word;
    sets.data[i].permitted &= word;
    sets.data[i].inheritable &= word;
  }
  // The ambient set follows the permitted one.
  syscall(SYS_capset, &sets.header, sets.data);
}

void OnSignal(int) {
  const int saved = errno;
  KeepInThisThread();
  errno = saved;
}

// The threads of this process that may do more than `kept`.
std::vector<pid_t> ThreadsBeyond(CapabilitySet kept) {
  std::vector<pid_t> beyond;
  const std::unique_ptr<DIR, int (*)(DIR*)> tasks(opendir("/proc/self/task"), closedir);
  if (tasks == nullptr) return beyond;
  while (const dirent* entry = readdir(tasks.get())) {
    const pid_t thread = std::atoi(entry->d_name);
    if (thread <= 0) continue;
    std::ifstream status(absl::StrCat("/proc/self/task/", thread, "/status"));
    std::string key;
    std::string value;
    while (status >> key && std::getline(status, value)) {
      if (key != "CapPrm:") continue;
      if ((std::strtoull(value.c_str(), nullptr, 16) & ~kept) != 0) beyond.push_back(thread);
    }
  }
  return beyond;
}

}  // namespace

CapabilitySet EffectiveCapabilities() {
  ThreadSets sets;
  if (!Read(&sets)) return 0;
  return sets.data[0].effective | CapabilitySet{sets.data[1].effective} << 32;
}

std::vector<std::string> MissingCapabilities(CapabilitySet needed, CapabilitySet effective) {
  if ((effective & Bit(Capability::kSysAdmin)) != 0) {
    effective |= SetOf({Capability::kBpf, Capability::kPerfmon});
  }
  std::vector<std::string> missing;
  for (const Named& named : kNames) {
    if ((needed & ~effective & Bit(named.capability)) != 0) missing.emplace_back(named.name);
  }
  return missing;
}

absl::Status KeepOnlyCapabilities(CapabilitySet kept) {
  kept_by_action.store(kept, std::memory_order_relaxed);
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigfillset(&action.sa_mask);
  if (sigaction(SIGRTMAX, &action, &before) != 0) {
    return absl::InternalError(absl::StrCat("set a signal's action: ", std::strerror(errno)));
  }
  const absl::Time give_up = absl::Now() + kPatience;
  std::vector<pid_t> beyond;
  // Until a look finds nobody: a thread that had not answered yet may have made another one.
  while (!(beyond = ThreadsBeyond(kept)).empty() && absl::Now() < give_up) {
    for (const pid_t thread : beyond) syscall(SYS_tgkill, getpid(), thread, SIGRTMAX);
    absl::SleepFor(absl::Milliseconds(1));
  }
  // A slow thread was sent more signals than the one that it needed. Ignoring them discards those
  // that are still pending; left alone they would end the process once the action is the default.
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGRTMAX, &ignore, nullptr);
  sigaction(SIGRTMAX, &before, nullptr);
  if (beyond.empty()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(beyond.size(), " threads still have capabilities that they do not need"));
}

absl::Status ForbidNewPrivileges() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("set no_new_privs: ", std::strerror(errno)));
}

}  // namespace alidade
