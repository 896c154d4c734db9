// SPDX-License-Identifier: Apache-2.0
#include "agent/privileges/perf_access.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "agent/privileges/capabilities.h"

namespace alidade {

std::string PerfRingRefusal() {
  constexpr int kMostOfMainline = 2;
  int level = 0;
  std::ifstream file("/proc/sys/kernel/perf_event_paranoid");
  if (!(file >> level) || level <= kMostOfMainline) return {};
  if ((EffectiveCapabilities() & Bit(Capability::kSysAdmin)) != 0) return {};
  return absl::StrCat("kernel.perf_event_paranoid is ", level,
                      ", with which this distribution's kernel may open perf rings with "
                      "CAP_SYS_ADMIN only: set it to 2, or give that capability");
}

}  // namespace alidade
