// SPDX-License-Identifier: Apache-2.0
//
// What Kubernetes accepts as a label's key and value (k8s.io/apimachinery, pkg/util/validation).
#ifndef ALIDADE_AGENT_FILTER_LABEL_NAME_H_
#define ALIDADE_AGENT_FILTER_LABEL_NAME_H_

#include <string_view>

#include "absl/status/status.h"

namespace alidade {

// A name of up to 63 characters, with an optional DNS prefix and a slash before it.
// Errors: UNKNOWN with the reason.
absl::Status CheckLabelKey(std::string_view key);

// Empty, or up to 63 characters. Errors: UNKNOWN with the reason, beginning with `place`.
absl::Status CheckLabelValue(std::string_view value, std::string_view place);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_LABEL_NAME_H_
