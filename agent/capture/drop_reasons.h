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
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/capture/kernel_symbols.h"
#include "agent/capture/kernel_types.h"
#include "bpf/config.h"
#include "flow/flow.pb.h"

struct btf;

namespace alidade {

// What we say of one kernel reason, known by its name without `SKB_DROP_REASON_` or `SKB_`.
struct DropMeaning {
  bool is_drop = true;             // false: the packet was done with, not dropped
  bool is_drop_when_empty = true;  // false: likewise, of a TCP segment without data, SYN and FIN
  flow::DropReason reason = flow::DROP_REASON_UNKNOWN;
  bool is_input = false;  // happens before the stack notes on the packet where it came in
  bool has_hook = false;  // happens in a hook of netfilter
};

struct NamedDropMeaning {
  std::string_view kernel_name;
  DropMeaning meaning;
};

// What a reason means instead when this kernel function frees the packet.
struct DropException {
  std::string_view function;     // empty: any
  std::string_view kernel_name;  // of the reason; NOT_SPECIFIED where the kernel gives none
  DropMeaning meaning;
  std::string_view needs = {};   // a reason that the kernel must have
  std::string_view unless = {};  // one that it must not have
};

// The whole truth about reasons, sorted by name; one that is not there is a drop without a near
// Hubble reason.
std::span<const NamedDropMeaning> DropMeanings();
std::span<const DropException> DropExceptions();

DropMeaning MeaningOfDropReason(std::string_view kernel_name);

class DropReasons {
 public:
  // Those of the running kernel and of the modules that are loaded now.
  static DropReasons Of(const KernelTypes& types);

  // `enum skb_drop_reason` of the kernel's BTF, with the names of its subsystems, if it has them.
  void AddCore(const btf* kernel);
  // The reasons of subsystems (since 6.4) in `object`, whose own types start at `first_id`.
  void AddSubsystems(const btf* object, uint32_t first_id);

  // Whether the kernel gives reasons at all.
  bool has_reasons() const { return !names_.empty(); }
  // Whether the kernel has the reason `name`.
  bool Has(std::string_view name) const;

  // The kernel's name for `number`, without prefix; for a reason of a subsystem that had not been
  // loaded, the subsystem's name; empty when it has none.
  std::string_view Name(uint32_t number) const;

  // For packet_drop's read-only data: what to do with each number, by drop_rule_index.
  const std::array<drop_rule, DROP_RULES>& rules() const { return rules_; }
  // Likewise: what some of them mean when certain kernel functions free the packet. Without
  // symbols there are no exceptions.
  std::array<drop_exception, DROP_EXCEPTIONS> Exceptions(const KernelSymbols& symbols) const;

 private:
  std::optional<uint32_t> Number(std::string_view name) const;
  enum Part { kCore, kSubsystem };
  void AddReasons(const btf* object, uint32_t enum_id, Part part);

  std::unordered_map<uint32_t, std::string> names_;
  std::unordered_map<uint32_t, std::string> subsystems_;
  std::array<drop_rule, DROP_RULES> rules_{};
};

// For packet_drop's read-only data: the functions that run netfilter's hooks.
std::array<code_range, HOOK_RUNNERS> NetfilterHookRunners(const KernelSymbols& symbols);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_DROP_REASONS_H_
