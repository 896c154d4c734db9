// SPDX-License-Identifier: Apache-2.0
//
// drop_reason_desc: only of flows whose verdict is DROPPED.
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileDropReason(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                               PredicateList* out) {
  if (filter.drop_reason_desc().empty()) return absl::OkStatus();
  out->push_back(
      OnHeader([wanted = NumberList(filter.drop_reason_desc())](const FlowHeader& header) {
        return header.verdict == flow::DROPPED && wanted.Has(header.drop_reason);
      }));
  return absl::OkStatus();
}

}  // namespace alidade
