// SPDX-License-Identifier: Apache-2.0
//
// source_identity, destination_identity: of endpoints that are there; 0 matches one without.
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileIdentity(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                             PredicateList* out) {
  if (!filter.source_identity().empty()) {
    out->push_back(
        OnHeader([wanted = NumberList(filter.source_identity())](const FlowHeader& header) {
          return header.has_source && wanted.Has(header.source_identity);
        }));
  }
  if (!filter.destination_identity().empty()) {
    out->push_back(
        OnHeader([wanted = NumberList(filter.destination_identity())](const FlowHeader& header) {
          return header.has_destination && wanted.Has(header.destination_identity);
        }));
  }
  return absl::OkStatus();
}

}  // namespace alidade
