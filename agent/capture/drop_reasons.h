// SPDX-License-Identifier: Apache-2.0
//
// What the running kernel's drop reasons mean. Their numbers move between kernels, so the table is
// built at start from the kernel's BTF, by name. A kernel before 5.17 has none: there only the
// function that freed the packet can mean something.
#ifndef ALIDADE_AGENT_CAPTURE_DROP_REASONS_H_
#define ALIDADE_AGENT_CAPTURE_DROP_REASONS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/statusor.h"
#include "agent/capture/kernel_symbols.h"
#include "bpf/config.h"
#include "flow/flow.pb.h"

namespace alidade {

// What we say of one kernel reason, known by its name without `SKB_DROP_REASON_` or `SKB_`.
struct DropMeaning {
  bool is_drop = true;  // false: the packet was done with, not dropped
  flow::DropReason reason = flow::DROP_REASON_UNKNOWN;
  bool is_input = false;  // happens before the stack notes on the packet where it came in
};

DropMeaning MeaningOfDropReason(std::string_view kernel_name);

class DropReasons {
 public:
  // Reads `enum skb_drop_reason` from /sys/kernel/btf/vmlinux.
  // Errors: kNotFound when the kernel has no BTF.
  static absl::StatusOr<DropReasons> FromKernel();

  // Whether the kernel gives reasons at all.
  bool has_reasons() const { return !names_.empty(); }

  // The kernel's name for `number`, without prefix; empty when it has none.
  std::string_view Name(uint32_t number) const;

  // For packet_drop's read-only data: what to do with each number.
  const std::array<drop_rule, DROP_RULES>& rules() const { return rules_; }
  // Likewise: what some of them mean when certain kernel functions free the packet. Without
  // symbols there are no exceptions.
  std::array<drop_exception, DROP_EXCEPTIONS> Exceptions(const KernelSymbols& symbols) const;

 private:
  std::optional<uint32_t> Number(std::string_view name) const;

  std::unordered_map<uint32_t, std::string> names_;
  std::array<drop_rule, DROP_RULES> rules_{};
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_DROP_REASONS_H_
