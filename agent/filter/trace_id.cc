// SPDX-License-Identifier: Apache-2.0
//
// trace_id: exact; empty matches what carries none, also events that are no flows.
#include <algorithm>
#include <string>
#include <vector>

#include "agent/filter/predicate.h"

namespace alidade {
namespace {

class TraceIdPredicate final : public Predicate {
 public:
  explicit TraceIdPredicate(const flow::FlowFilter& filter)
      : wanted_(filter.trace_id().begin(), filter.trace_id().end()) {}

  bool MatchesFlow(StoredEvent& event) override {
    const std::string_view context = event.Bytes(flow::Flow::kTraceContextFieldNumber).value_or("");
    const std::string_view parent =
        FindBytes(context, flow::TraceContext::kParentFieldNumber).value_or("");
    return Wanted(FindBytes(parent, flow::TraceParent::kTraceIdFieldNumber).value_or(""));
  }
  bool MatchesOther(StoredEvent& /*event*/) override { return Wanted(""); }

 private:
  bool Wanted(std::string_view id) const {
    return std::find(wanted_.begin(), wanted_.end(), id) != wanted_.end();
  }

  const std::vector<std::string> wanted_;
};

}  // namespace

absl::Status CompileTraceId(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                            PredicateList* out) {
  if (!filter.trace_id().empty()) out->push_back(std::make_unique<TraceIdPredicate>(filter));
  return absl::OkStatus();
}

}  // namespace alidade
