// SPDX-License-Identifier: Apache-2.0
//
// Which rule a policy verdict speaks of.
#ifndef ALIDADE_PARSER_POLICY_KEY_H_
#define ALIDADE_PARSER_POLICY_KEY_H_

#include <optional>

#include "parser/flow_record.h"

namespace alidade {

// The key of the rules that decided what `record` tells; nothing when that cannot be known: no
// policy verdict, neither allowed nor denied by a rule, or no protocol and port in the packet.
// `record` has its endpoints and its direction already.
// Source: event-format section 5.4.
std::optional<PolicyKey> PolicyKeyOf(const FlowRecord& record);

}  // namespace alidade

#endif  // ALIDADE_PARSER_POLICY_KEY_H_
