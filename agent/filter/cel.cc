// SPDX-License-Identifier: Apache-2.0
//
// experimental.cel_expression: there is no CEL engine here. It is refused, since ignoring it would
// let everything match (contract 5.9).
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileCel(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                        PredicateList* /*out*/) {
  if (filter.experimental().cel_expression().empty()) return absl::OkStatus();
  return absl::UnknownError(
      "error compiling CEL expression: cel_expression is not supported by this server");
}

}  // namespace alidade
