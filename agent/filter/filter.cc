// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/filter.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/filter/concat.h"
#include "agent/status_macros.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"

namespace alidade {
namespace {

// Fields of a newer API that this build has no names for.
absl::Status RefuseUnknownFields(const google::protobuf::Message& message) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  if (unknown.empty()) return absl::OkStatus();
  return absl::UnknownError(Concat(
      "filter field number ", std::to_string(unknown.field(0).number()), " is not implemented"));
}

absl::StatusOr<PredicateList> CompileOne(const flow::FlowFilter& filter, const NodeIdentity& node) {
  PredicateList predicates;
  for (const FieldGroup& group : FieldGroups()) {
    RETURN_IF_ERROR(group.compile(filter, node, &predicates));
  }
  RETURN_IF_ERROR(RefuseUnknownFields(filter));
  RETURN_IF_ERROR(RefuseUnknownFields(filter.experimental()));
  std::stable_partition(predicates.begin(), predicates.end(),
                        [](const auto& predicate) { return predicate->header_only(); });
  return predicates;
}

bool Matches(const PredicateList& predicates, StoredEvent& event) {
  const bool is_flow = event.header().kind == EventKind::kFlow;
  return std::all_of(predicates.begin(), predicates.end(), [&](const auto& predicate) {
    return is_flow ? predicate->MatchesFlow(event) : predicate->MatchesOther(event);
  });
}

}  // namespace

absl::StatusOr<FilterSet::Filters> FilterSet::Compile(const FlowFilterList& list,
                                                      const NodeIdentity& node) {
  Filters filters;
  filters.reserve(static_cast<size_t>(list.size()));
  for (const flow::FlowFilter& filter : list) {
    ASSIGN_OR_RETURN(PredicateList predicates, CompileOne(filter, node));
    filters.push_back(std::move(predicates));
  }
  return filters;
}

bool FilterSet::MatchesAny(const Filters& filters, StoredEvent& event) {
  return std::any_of(filters.begin(), filters.end(),
                     [&](const PredicateList& filter) { return Matches(filter, event); });
}

FilterAnswer FilterSet::Judge(const FlowHeader& header, BodySource* source) {
  StoredEvent event(header, source);
  const bool pass = (whitelist_.empty() || MatchesAny(whitelist_, event)) &&
                    (blacklist_.empty() || !MatchesAny(blacklist_, event));
  if (event.gone()) return FilterAnswer::kGone;
  return pass ? FilterAnswer::kPass : FilterAnswer::kDrop;
}

absl::StatusOr<FilterSet> CompileFilters(const FlowFilterList& whitelist,
                                         const FlowFilterList& blacklist,
                                         const NodeIdentity& node) {
  FilterSet set;
  ASSIGN_OR_RETURN(set.whitelist_, FilterSet::Compile(whitelist, node));
  ASSIGN_OR_RETURN(set.blacklist_, FilterSet::Compile(blacklist, node));
  return set;
}

}  // namespace alidade
