// SPDX-License-Identifier: Apache-2.0
//
// ip_trace_id: exact; 0 matches what carries none, also events that are no flows.
#include "agent/filter/number_list.h"
#include "agent/filter/predicate.h"

namespace alidade {
namespace {

class IpTraceIdPredicate final : public Predicate {
 public:
  explicit IpTraceIdPredicate(const flow::FlowFilter& filter) : wanted_(filter.ip_trace_id()) {}

  bool MatchesFlow(StoredEvent& event) override {
    const std::string_view id = event.Bytes(flow::Flow::kIpTraceIdFieldNumber).value_or("");
    return wanted_.Has(FindNumber(id, flow::IPTraceID::kTraceIdFieldNumber));
  }
  bool MatchesOther(StoredEvent& /*event*/) override { return wanted_.Has(0); }

 private:
  const NumberList wanted_;
};

}  // namespace

absl::Status CompileIpTraceId(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                              PredicateList* out) {
  if (!filter.ip_trace_id().empty()) out->push_back(std::make_unique<IpTraceIdPredicate>(filter));
  return absl::OkStatus();
}

}  // namespace alidade
