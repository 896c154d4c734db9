// SPDX-License-Identifier: Apache-2.0
//
// source_service, destination_service: namespace and name of the service on each side.
#include "agent/filter/concat.h"
#include "agent/filter/name_pattern.h"
#include "agent/filter/predicate.h"

namespace alidade {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

absl::Status CompileSide(const Texts& texts, std::string_view side, int field, PredicateList* out) {
  if (texts.empty()) return absl::OkStatus();
  NamePatterns patterns;
  const absl::Status status = patterns.AddAll(texts);
  if (!status.ok()) {
    return absl::UnknownError(Concat("invalid ", side, " service filter: ", status.message()));
  }
  out->push_back(OnFlow([patterns = std::move(patterns), field](StoredEvent& event) {
    const std::string_view service = event.Bytes(field).value_or("");
    return patterns.Matches(FindBytes(service, flow::Service::kNamespaceFieldNumber).value_or(""),
                            FindBytes(service, flow::Service::kNameFieldNumber).value_or(""));
  }));
  return absl::OkStatus();
}

}  // namespace

absl::Status CompileService(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                            PredicateList* out) {
  absl::Status status =
      CompileSide(filter.source_service(), "source", flow::Flow::kSourceServiceFieldNumber, out);
  if (!status.ok()) return status;
  return CompileSide(filter.destination_service(), "destination",
                     flow::Flow::kDestinationServiceFieldNumber, out);
}

}  // namespace alidade
