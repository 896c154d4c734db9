// SPDX-License-Identifier: Apache-2.0
//
// source_pod, destination_pod: namespace and name of the endpoint.
#include "agent/filter/endpoint_predicate.h"
#include "agent/filter/name_pattern.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

absl::Status CompileSide(const Texts& texts, Side side, PredicateList* out) {
  if (texts.empty()) return absl::OkStatus();
  NamePatterns patterns;
  RETURN_IF_ERROR(patterns.AddAll(texts));
  out->push_back(OnEndpoint(side, [patterns = std::move(patterns)](std::string_view endpoint) {
    return patterns.Matches(FindBytes(endpoint, flow::Endpoint::kNamespaceFieldNumber).value_or(""),
                            FindBytes(endpoint, flow::Endpoint::kPodNameFieldNumber).value_or(""));
  }));
  return absl::OkStatus();
}

}  // namespace

absl::Status CompilePod(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                        PredicateList* out) {
  RETURN_IF_ERROR(CompileSide(filter.source_pod(), Side::kSource, out));
  return CompileSide(filter.destination_pod(), Side::kDestination, out);
}

}  // namespace alidade
