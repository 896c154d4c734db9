// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/datapath/variant.h"

#include "tests/kernel/bpf_inventory.h"

namespace alidade::testing {
namespace {

std::vector<std::string> Level(const std::string& level) {
  return {"--monitor-aggregation", level, "--interface-include", "to-client"};
}

}  // namespace

std::vector<Variant> Variants() {
  std::vector<std::string> everything = Level("none");
  for (const char* flag : {"--events-rate-limit", "--events-source-rate-limit"}) {
    everything.insert(everything.end(), {flag, "0"});
  }
  return {{.name = "nothing"},
          {.name = "empty", .programs = EmptyPrograms},
          {.name = "maximum", .agent_flags = Level("maximum")},
          {.name = "medium", .agent_flags = Level("medium")},
          {.name = "low", .agent_flags = Level("low")},
          {.name = "none", .agent_flags = Level("none")},
          {.name = "every-packet", .agent_flags = everything},
          {.name = "perf-output", .programs = PerfOutputPrograms}};
}

InPlace::InPlace(const Variant& variant, const NetworkNamespace& host, const std::string& device) {
  if (variant.programs != nullptr) programs_ = variant.programs(host, device);
  if (!variant.agent_flags.empty()) {
    agent_ = std::make_unique<AgentProcess>(&host, variant.agent_flags);
    agent_->WaitForAttached(device);
  }
}

std::set<uint32_t> InPlace::programs() const {
  if (agent_ != nullptr) return BpfInventory::OfProcess(agent_->pid()).programs;
  return programs_ == nullptr ? std::set<uint32_t>() : programs_->programs();
}

}  // namespace alidade::testing
