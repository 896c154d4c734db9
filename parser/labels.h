// SPDX-License-Identifier: Apache-2.0
//
// Rules about the labels of endpoints and identities (`source:key[=value]`).
#ifndef ALIDADE_PARSER_LABELS_H_
#define ALIDADE_PARSER_LABELS_H_

#include <cstdint>
#include <string>
#include <vector>

namespace alidade {

// The value of the label that names the cluster; empty when there is none.
std::string ClusterOf(const std::vector<std::string>& labels);

// The labels of `identity` as a flow shows them: sorted, and for an identity that stands for a
// CIDR, which has a label for every prefix around it, only the longest prefix. Source: event-format
// section 5.2, step 3.
std::vector<std::string> ShownLabels(uint32_t identity, std::vector<std::string> labels);

}  // namespace alidade

#endif  // ALIDADE_PARSER_LABELS_H_
