// SPDX-License-Identifier: Apache-2.0
//
// What the running kernel can do, found by asking it, never by its version.
#ifndef ALIDADE_AGENT_CAPTURE_FEATURE_PROBE_H_
#define ALIDADE_AGENT_CAPTURE_FEATURE_PROBE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace alidade {

// Whether BPF programs may exchange a word atomically (kernel 5.12 and later).
bool HasAtomicExchange();

// Whether they may read the clock that is moved once a jiffy (5.11 and later).
bool HasCoarseClock();

// Whether they may ask conntrack about a packet (bpf_skb_ct_lookup: 5.18 and later, with conntrack
// built in or its module loaded).
bool HasConntrackLookup();

// The folder where the whole cgroup v2 hierarchy is mounted, from the mount table; it may stand
// beside cgroup v1. Errors: kNotFound.
absl::StatusOr<std::string> FindCgroupV2Root();
// Likewise from text in the form of /proc/self/mountinfo (proc_pid_mountinfo(5)).
absl::StatusOr<std::string> FindCgroupV2RootIn(std::string_view mountinfo);

// Inode number of the network namespace of this process.
absl::StatusOr<uint32_t> OwnNetworkNamespace();

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_FEATURE_PROBE_H_
