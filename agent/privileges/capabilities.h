// SPDX-License-Identifier: Apache-2.0
//
// What the kernel lets this process do (capabilities(7)), and giving up what is not needed any
// more.
#ifndef ALIDADE_AGENT_PRIVILEGES_CAPABILITIES_H_
#define ALIDADE_AGENT_PRIVILEGES_CAPABILITIES_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace alidade {

// Numbers of include/uapi/linux/capability.h, those that the agent knows of.
enum class Capability : uint8_t {
  kNetAdmin = 12,
  kSysAdmin = 21,
  kPerfmon = 38,
  kBpf = 39,
};

// A set as the kernel keeps it: bit n is capability n.
using CapabilitySet = uint64_t;

constexpr CapabilitySet Bit(Capability capability) {
  return CapabilitySet{1} << static_cast<unsigned>(capability);
}
constexpr CapabilitySet SetOf(std::initializer_list<Capability> capabilities) {
  CapabilitySet set = 0;
  for (const Capability capability : capabilities) set |= Bit(capability);
  return set;
}

// The effective set of the calling thread.
CapabilitySet EffectiveCapabilities();

// Names of those in `needed` that `effective` lacks, `CAP_NET_ADMIN` and so on. CAP_SYS_ADMIN
// stands for CAP_BPF and CAP_PERFMON, as in the kernel.
std::vector<std::string> MissingCapabilities(CapabilitySet needed, CapabilitySet effective);

// Leaves every thread of this process no capability but those in `kept` that it has, for good.
// Threads made meanwhile are found too. Errors: when a thread could not be made to; it says so.
// Thread: any, but one at a time. Uses the signal SIGRTMAX for a moment.
absl::Status KeepOnlyCapabilities(CapabilitySet kept);

// From now on no execve gives this process more rights than it has. For all threads made later.
absl::Status ForbidNewPrivileges();

}  // namespace alidade

#endif  // ALIDADE_AGENT_PRIVILEGES_CAPABILITIES_H_
