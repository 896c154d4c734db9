// SPDX-License-Identifier: Apache-2.0
//
// reply: a flow that does not say whether it is a reply matches nothing, except that a dropped
// one counts as the request's direction (contract 5.2).
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileReply(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                          PredicateList* out) {
  if (filter.reply().empty()) return absl::OkStatus();
  out->push_back(OnHeader([wanted = NumberList(filter.reply())](const FlowHeader& header) {
    if (header.is_reply == Maybe::kAbsent && header.verdict != flow::DROPPED) return false;
    return wanted.Has(header.is_reply == Maybe::kTrue ? 1 : 0);
  }));
  return absl::OkStatus();
}

}  // namespace alidade
