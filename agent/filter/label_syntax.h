// SPDX-License-Identifier: Apache-2.0
//
// The grammar of Kubernetes label selectors (k8s.io/apimachinery, pkg/labels: Parse), with Cilium's
// `source:key` for keys.
#ifndef ALIDADE_AGENT_FILTER_LABEL_SYNTAX_H_
#define ALIDADE_AGENT_FILTER_LABEL_SYNTAX_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/filter/label_selector.h"

namespace alidade {

// Errors: UNKNOWN, with the words that users of kubectl and hubble know.
absl::StatusOr<std::vector<LabelRequirement>> ParseLabelSelector(std::string_view text);

// A decimal number of 64 bits, with an optional sign, that takes all of `text`.
std::optional<int64_t> ParseLabelInteger(std::string_view text);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_LABEL_SYNTAX_H_
