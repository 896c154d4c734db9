// SPDX-License-Identifier: Apache-2.0
//
// What the options and the running kernel make of the programs' load-time knobs (bpf/config.h).
#ifndef ALIDADE_AGENT_CAPTURE_KERNEL_CONFIG_H_
#define ALIDADE_AGENT_CAPTURE_KERNEL_CONFIG_H_

#include "absl/status/statusor.h"
#include "agent/capture/capture_options.h"
#include "agent/capture/feature_probe.h"
#include "bpf/config.h"

namespace alidade {

// How many sets of connections remember as many as the options say, or a few more. The map
// `connection_sets` holds both kinds, the near ones first (bpf/lib/connection_table.h).
struct ConnectionTable {
  uint32_t sets;
  uint32_t near_sets;  // 0: a table as small as this needs none
  uint32_t all_sets() const { return sets + near_sets; }
};
ConnectionTable ConnectionTableOf(const CaptureOptions& options);

// Asks the kernel what else it can do. Errors: the own network namespace cannot be found.
absl::StatusOr<capture_config> KernelConfig(const CaptureOptions& options,
                                            ConntrackLookup conntrack);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_KERNEL_CONFIG_H_
