// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_PRIVILEGES_PERF_ACCESS_H_
#define ALIDADE_AGENT_PRIVILEGES_PERF_ACCESS_H_

#include <string>

namespace alidade {

// Why a kernel may keep perf rings from a process that has CAP_PERFMON: above 2, which the kernel's
// own documentation does not define, kernel.perf_event_paranoid asks for CAP_SYS_ADMIN where Debian
// or others have added that. Empty: it is not so set, or this process has CAP_SYS_ADMIN.
std::string PerfRingRefusal();

}  // namespace alidade

#endif  // ALIDADE_AGENT_PRIVILEGES_PERF_ACCESS_H_
