// SPDX-License-Identifier: Apache-2.0
//
// Sources in label selectors: `k8s:app in (a,b)`, where Kubernetes' own syntax knows no colon.
#ifndef ALIDADE_AGENT_FILTER_LABEL_SOURCE_H_
#define ALIDADE_AGENT_FILTER_LABEL_SOURCE_H_

#include <string>
#include <string_view>

namespace alidade {

// `selector` in Kubernetes' syntax: each key has its source before a dot (`k8s.app in (a,b)`), and
// `any` where it has none. Says nothing of what is no selector; that is passed on as far as it can.
std::string SpellLabelSources(std::string_view selector);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_LABEL_SOURCE_H_
