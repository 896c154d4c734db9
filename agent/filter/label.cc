// SPDX-License-Identifier: Apache-2.0
//
// source_label, destination_label, node_labels: selectors (label_selector.h) as alternatives.
#include <algorithm>
#include <string>
#include <vector>

#include "agent/filter/concat.h"
#include "agent/filter/endpoint_predicate.h"
#include "agent/filter/label_selector.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;
using Selectors = std::vector<LabelSelector>;

absl::StatusOr<Selectors> ParseAll(const Texts& texts, std::string_view side) {
  Selectors selectors;
  for (const std::string& text : texts) {
    absl::StatusOr<LabelSelector> selector = LabelSelector::Parse(text);
    if (!selector.ok()) {
      return absl::UnknownError(
          Concat("invalid ", side, " label filter: ", selector.status().message()));
    }
    selectors.push_back(*std::move(selector));
  }
  return selectors;
}

bool MatchesAny(const Selectors& selectors, const std::vector<LabelView>& labels) {
  return std::any_of(selectors.begin(), selectors.end(),
                     [&](const LabelSelector& selector) { return selector.Matches(labels); });
}

// The texts of a repeated field of `message`, taken apart.
std::vector<LabelView> LabelsOf(std::string_view message, int field) {
  std::vector<LabelView> labels;
  AnyBytes(message, static_cast<uint32_t>(field), [&](std::string_view text) {
    labels.push_back(ParseLabel(text));
    return false;
  });
  return labels;
}

absl::Status CompileSide(const Texts& texts, std::string_view name, Side side, PredicateList* out) {
  if (texts.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Selectors selectors, ParseAll(texts, name));
  out->push_back(OnEndpoint(side, [selectors = std::move(selectors)](std::string_view endpoint) {
    return MatchesAny(selectors, LabelsOf(endpoint, flow::Endpoint::kLabelsFieldNumber));
  }));
  return absl::OkStatus();
}

// Flows of this node carry no node labels in the store, so that its own are judged beforehand.
class NodeLabelPredicate final : public Predicate {
 public:
  NodeLabelPredicate(Selectors selectors, const NodeIdentity& node)
      : selectors_(std::move(selectors)), none_matches_(MatchesAny(selectors_, {})) {
    std::vector<LabelView> own;
    for (const std::string& label : node.labels) own.push_back(ParseLabel(label));
    own_matches_ = MatchesAny(selectors_, own);
  }

  bool MatchesFlow(StoredEvent& event) override {
    const std::vector<LabelView> labels =
        LabelsOf(event.body(), flow::Flow::kNodeLabelsFieldNumber);
    return labels.empty() ? own_matches_ : MatchesAny(selectors_, labels);
  }
  bool MatchesOther(StoredEvent& /*event*/) override { return none_matches_; }

 private:
  const Selectors selectors_;
  const bool none_matches_;
  bool own_matches_ = false;
};

}  // namespace

absl::Status CompileLabel(const flow::FlowFilter& filter, const NodeIdentity& node,
                          PredicateList* out) {
  RETURN_IF_ERROR(CompileSide(filter.source_label(), "source", Side::kSource, out));
  RETURN_IF_ERROR(CompileSide(filter.destination_label(), "destination", Side::kDestination, out));
  if (filter.node_labels().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Selectors selectors, ParseAll(filter.node_labels(), "node"));
  out->push_back(std::make_unique<NodeLabelPredicate>(std::move(selectors), node));
  return absl::OkStatus();
}

}  // namespace alidade
