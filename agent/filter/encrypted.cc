// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileEncrypted(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                              PredicateList* out) {
  if (filter.encrypted().empty()) return absl::OkStatus();
  out->push_back(OnHeader([wanted = NumberList(filter.encrypted())](const FlowHeader& header) {
    return wanted.Has(header.encrypted ? 1 : 0);
  }));
  return absl::OkStatus();
}

}  // namespace alidade
