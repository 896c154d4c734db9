// SPDX-License-Identifier: Apache-2.0
//
// source_workload, destination_workload: one of the endpoint's workloads fits; an empty name or
// kind is any. An endpoint without workloads never matches.
#include <algorithm>
#include <vector>

#include "agent/filter/endpoint_predicate.h"

namespace alidade {
namespace {

using Workloads = google::protobuf::RepeatedPtrField<flow::Workload>;

bool Fits(const flow::Workload& wanted, std::string_view workload) {
  const auto fits = [&](const std::string& text, int field) {
    return text.empty() || text == FindBytes(workload, static_cast<uint32_t>(field)).value_or("");
  };
  return fits(wanted.name(), flow::Workload::kNameFieldNumber) &&
         fits(wanted.kind(), flow::Workload::kKindFieldNumber);
}

void CompileSide(const Workloads& workloads, Side side, PredicateList* out) {
  if (workloads.empty()) return;
  const std::vector<flow::Workload> wanted(workloads.begin(), workloads.end());
  out->push_back(OnEndpoint(side, [wanted](std::string_view endpoint) {
    return AnyBytes(endpoint, flow::Endpoint::kWorkloadsFieldNumber, [&](std::string_view one) {
      return std::any_of(wanted.begin(), wanted.end(),
                         [&](const flow::Workload& workload) { return Fits(workload, one); });
    });
  }));
}

}  // namespace

absl::Status CompileWorkload(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                             PredicateList* out) {
  CompileSide(filter.source_workload(), Side::kSource, out);
  CompileSide(filter.destination_workload(), Side::kDestination, out);
  return absl::OkStatus();
}

}  // namespace alidade
