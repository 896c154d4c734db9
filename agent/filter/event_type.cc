// SPDX-License-Identifier: Apache-2.0
//
// event_type (contract 5.7): type 0 stands for any; the sub type counts only when asked for.
#include <algorithm>
#include <vector>

#include "agent/filter/predicate.h"

namespace alidade {
namespace {

// Message types that agent and debug events are known by (contract 5.7).
constexpr int kDebugMessage = 2;
constexpr int kAgentMessage = 130;

class EventTypePredicate final : public Predicate {
 public:
  explicit EventTypePredicate(const flow::FlowFilter& filter)
      : wanted_(filter.event_type().begin(), filter.event_type().end()) {}

  bool MatchesFlow(StoredEvent& event) override {
    const FlowHeader& header = event.header();
    return header.has_event_type && Wanted(header.event_type, header.event_sub_type);
  }

  bool MatchesOther(StoredEvent& event) override {
    switch (event.header().kind) {
      case EventKind::kLostEvent:
        return true;
      case EventKind::kAgentEvent:
        return Wanted(kAgentMessage, SubType(event, flow::AgentEvent::kTypeFieldNumber));
      case EventKind::kDebugEvent:
        return Wanted(kDebugMessage, SubType(event, flow::DebugEvent::kTypeFieldNumber));
      default:
        return false;
    }
  }

  bool header_only() const override { return true; }

 private:
  static int SubType(StoredEvent& event, int field) {
    return static_cast<int>(FindNumber(event.body(), static_cast<uint32_t>(field)));
  }

  bool Wanted(int type, int sub_type) const {
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const flow::EventTypeFilter& one) {
      return (one.type() == 0 || one.type() == type) &&
             (!one.match_sub_type() || one.sub_type() == sub_type);
    });
  }

  const std::vector<flow::EventTypeFilter> wanted_;
};

}  // namespace

absl::Status CompileEventType(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                              PredicateList* out) {
  if (!filter.event_type().empty()) out->push_back(std::make_unique<EventTypePredicate>(filter));
  return absl::OkStatus();
}

}  // namespace alidade
