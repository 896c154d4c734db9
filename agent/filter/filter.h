// SPDX-License-Identifier: Apache-2.0
//
// A client's whitelist and blacklist, compiled once per request (contract 2.6 and part 5).
// Inside a filter every populated field must match and the values of a field are alternatives;
// the filters of a list are alternatives; an event passes when the whitelist is empty or matches
// and the blacklist does not match.
#ifndef ALIDADE_AGENT_FILTER_FILTER_H_
#define ALIDADE_AGENT_FILTER_FILTER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/filter/node_identity.h"
#include "agent/filter/predicate.h"
#include "agent/filter/stored_event.h"
#include "flow/flow.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace alidade {

enum class FilterAnswer : uint8_t {
  kDrop,
  kPass,
  kGone,  // the bytes were needed, and the writer has overwritten them
};

using FlowFilterList = google::protobuf::RepeatedPtrField<flow::FlowFilter>;

// Thread: one at a time; predicates remember answers by endpoint handle.
class FilterSet {
 public:
  // Lets everything pass.
  FilterSet() = default;

  bool passes_all() const { return whitelist_.empty() && blacklist_.empty(); }

  // Judges one event. Asks `source` for its bytes at most once, and only when a field needs them.
  FilterAnswer Judge(const FlowHeader& header, BodySource* source);

 private:
  friend absl::StatusOr<FilterSet> CompileFilters(const FlowFilterList& whitelist,
                                                  const FlowFilterList& blacklist,
                                                  const NodeIdentity& node);
  using Filters = std::vector<PredicateList>;

  static absl::StatusOr<Filters> Compile(const FlowFilterList& list, const NodeIdentity& node);
  static bool MatchesAny(const Filters& filters, StoredEvent& event);

  Filters whitelist_;
  Filters blacklist_;
};

// Errors: UNKNOWN, with the text that clients know from Hubble for the first bad field, whitelist
// before blacklist. A field that this agent does not implement is an error that names it: ignored,
// it would match everything.
absl::StatusOr<FilterSet> CompileFilters(const FlowFilterList& whitelist,
                                         const FlowFilterList& blacklist, const NodeIdentity& node);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_FILTER_H_
