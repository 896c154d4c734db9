// SPDX-License-Identifier: Apache-2.0
//
// source_cluster_name, destination_cluster_name: exact, no wildcards.
#include <algorithm>
#include <string>
#include <vector>

#include "agent/filter/endpoint_predicate.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

absl::Status CompileSide(const Texts& texts, Side side, PredicateList* out) {
  if (texts.empty()) return absl::OkStatus();
  const std::vector<std::string> wanted(texts.begin(), texts.end());
  if (std::find(wanted.begin(), wanted.end(), "") != wanted.end()) {
    return absl::UnknownError("invalid filter, name must not be empty");
  }
  out->push_back(OnEndpoint(side, [wanted](std::string_view endpoint) {
    const std::string_view name =
        FindBytes(endpoint, flow::Endpoint::kClusterNameFieldNumber).value_or("");
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  }));
  return absl::OkStatus();
}

}  // namespace

absl::Status CompileClusterName(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                                PredicateList* out) {
  RETURN_IF_ERROR(CompileSide(filter.source_cluster_name(), Side::kSource, out));
  return CompileSide(filter.destination_cluster_name(), Side::kDestination, out);
}

}  // namespace alidade
