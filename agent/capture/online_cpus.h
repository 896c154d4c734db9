// SPDX-License-Identifier: Apache-2.0
//
// Which CPUs are there. Their numbers may have gaps, and more of them may be possible than are
// there.
#ifndef ALIDADE_AGENT_CAPTURE_ONLINE_CPUS_H_
#define ALIDADE_AGENT_CAPTURE_ONLINE_CPUS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace alidade {

// The numbers of the CPUs that are online, in order.
absl::StatusOr<std::vector<uint32_t>> OnlineCpus();

// Reads a list as the kernel writes it, e.g. "0-3,8\n" (Documentation/admin-guide/cputopology.rst);
// empty when it is none.
std::optional<std::vector<uint32_t>> ParseCpuList(absl::string_view text);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_ONLINE_CPUS_H_
