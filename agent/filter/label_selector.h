// SPDX-License-Identifier: Apache-2.0
//
// Kubernetes label selectors over Cilium labels (contract 5.6): `k8s:app=web,!canary,tier in
// (a,b)`.
#ifndef ALIDADE_AGENT_FILTER_LABEL_SELECTOR_H_
#define ALIDADE_AGENT_FILTER_LABEL_SELECTOR_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/filter/ip_text.h"

namespace alidade {

// A label as it stands in a flow: `source:key[=value]`. Views into that text.
struct LabelView {
  std::string_view source;
  std::string_view key;
  std::string_view value;  // empty when the label has none
};

LabelView ParseLabel(std::string_view text);

// One requirement of a selector.
struct LabelRequirement {
  enum class Operator { kExists, kAbsent, kIn, kNotIn, kGreater, kLess };

  std::string source;  // `any` and `unspec`: labels of every source
  std::string key;
  Operator op = Operator::kExists;
  std::set<std::string> values;    // kIn, kNotIn
  int64_t bound = 0;               // kGreater, kLess
  std::optional<IpPrefix> prefix;  // of the key when the source is `cidr`
};

// Requirements that must all hold; none is an empty selector, which matches everything.
class LabelSelector {
 public:
  // Errors: UNKNOWN, with the Kubernetes parser's words.
  static absl::StatusOr<LabelSelector> Parse(std::string_view text);

  bool Matches(const std::vector<LabelView>& labels) const;

 private:
  std::vector<LabelRequirement> requirements_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_LABEL_SELECTOR_H_
