// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileTrafficDirection(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                                     PredicateList* out) {
  if (filter.traffic_direction().empty()) return absl::OkStatus();
  out->push_back(
      OnHeader([wanted = NumberList(filter.traffic_direction())](const FlowHeader& header) {
        return wanted.Has(header.traffic_direction);
      }));
  return absl::OkStatus();
}

}  // namespace alidade
