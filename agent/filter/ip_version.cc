// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {

absl::Status CompileIpVersion(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                              PredicateList* out) {
  if (filter.ip_version().empty()) return absl::OkStatus();
  out->push_back(OnHeader([wanted = NumberList(filter.ip_version())](const FlowHeader& header) {
    return wanted.Has(header.ip_version);
  }));
  return absl::OkStatus();
}

}  // namespace alidade
