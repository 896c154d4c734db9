// SPDX-License-Identifier: Apache-2.0
//
// What the running kernel can do, found by asking it, never by its version.
#ifndef ALIDADE_AGENT_CAPTURE_FEATURE_PROBE_H_
#define ALIDADE_AGENT_CAPTURE_FEATURE_PROBE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/capture/kernel_types.h"

namespace alidade {

// Whether BPF programs may exchange a word atomically (kernel 5.12 and later).
bool HasAtomicExchange();

// How often a second the kernel moves the clock that its programs read without a cost (CONFIG_HZ).
uint32_t TicksPerSecond();

// Whether a program on the tracepoint kfree_skb may read all of a packet (bpf_dynptr_from_skb, for
// such programs since 6.12).
bool HasPacketDynptr(const KernelTypes& types);

// Whether they may ask conntrack about a packet (bpf_skb_ct_lookup).
enum class ConntrackLookup : uint8_t {
  kThere,
  kMissing,    // a kernel before 5.18
  kNotLoaded,  // likewise, or its module nf_conntrack is not loaded yet
  kForbidden,  // it stands in a module: without CAP_SYS_ADMIN a program cannot be linked with it
};
ConntrackLookup FindConntrackLookup(const KernelTypes& types);
// Whether the module is loaded now. Before 5.11, or where it is built in, it never seems to be.
bool IsConntrackModuleLoaded();

// The folder where the whole cgroup v2 hierarchy is mounted, from the mount table; it may stand
// beside cgroup v1. Errors: kNotFound.
absl::StatusOr<std::string> FindCgroupV2Root();
// Likewise from text in the form of /proc/self/mountinfo (proc_pid_mountinfo(5)).
absl::StatusOr<std::string> FindCgroupV2RootIn(std::string_view mountinfo);

// Inode number of the network namespace of this process.
absl::StatusOr<uint32_t> OwnNetworkNamespace();

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_FEATURE_PROBE_H_
