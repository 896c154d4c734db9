// SPDX-License-Identifier: Apache-2.0
//
// What one populated field of a FlowFilter compiles to, and the table of all fields.
#ifndef ALIDADE_AGENT_FILTER_PREDICATE_H_
#define ALIDADE_AGENT_FILTER_PREDICATE_H_

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "agent/filter/node_identity.h"
#include "agent/filter/stored_event.h"
#include "flow/flow.pb.h"

namespace alidade {

// One condition on an event. May remember answers between events, so that one predicate belongs
// to one thread at a time.
class Predicate {
 public:
  virtual ~Predicate() = default;
  virtual bool MatchesFlow(StoredEvent& event) = 0;
  // Agent, debug and lost events. They are judged as an event without a flow, which most fields
  // refuse (contract 5.10).
  virtual bool MatchesOther(StoredEvent& /*event*/) { return false; }
  // True when (nearly all) flows are judged by the header alone; such predicates are asked first.
  virtual bool header_only() const { return false; }
};

using PredicateList = std::vector<std::unique_ptr<Predicate>>;

// Adds the predicates of one group of fields to `out`, none if the filter does not populate it.
// Errors: UNKNOWN with the text of contract part 5.
using CompileField = absl::Status (*)(const flow::FlowFilter& filter, const NodeIdentity& node,
                                      PredicateList* out);

struct FieldGroup {
  std::string_view name;
  CompileField compile;
};

// All of them, in the order in which they are built and errors win (contract 5.1).
std::span<const FieldGroup> FieldGroups();

namespace internal {

template <typename Fn>
class HeaderPredicate final : public Predicate {
 public:
  explicit HeaderPredicate(Fn matches) : matches_(std::move(matches)) {}
  bool MatchesFlow(StoredEvent& event) override { return matches_(event.header()); }
  bool header_only() const override { return true; }

 private:
  Fn matches_;
};

template <typename Fn>
class FlowPredicate final : public Predicate {
 public:
  explicit FlowPredicate(Fn matches) : matches_(std::move(matches)) {}
  bool MatchesFlow(StoredEvent& event) override { return matches_(event); }

 private:
  Fn matches_;
};

}  // namespace internal

// A predicate from `matches`(const FlowHeader&) that holds for flows only.
template <typename Fn>
std::unique_ptr<Predicate> OnHeader(Fn matches) {
  return std::make_unique<internal::HeaderPredicate<Fn>>(std::move(matches));
}

// A predicate from `matches`(StoredEvent&) that holds for flows only.
template <typename Fn>
std::unique_ptr<Predicate> OnFlow(Fn matches) {
  return std::make_unique<internal::FlowPredicate<Fn>>(std::move(matches));
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_PREDICATE_H_
