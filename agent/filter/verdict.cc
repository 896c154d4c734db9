// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileVerdict(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                            PredicateList* out) {
  if (filter.verdict().empty()) return absl::OkStatus();
  out->push_back(OnHeader([wanted = NumberList(filter.verdict())](const FlowHeader& header) {
    return wanted.Has(header.verdict);
  }));
  return absl::OkStatus();
}

}  // namespace alidade
