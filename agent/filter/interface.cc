// SPDX-License-Identifier: Apache-2.0
//
// interface: index and name, 0 and empty being any; a flow without an interface never matches.
#include <algorithm>
#include <vector>

#include "agent/filter/predicate.h"

namespace alidade {
namespace {

class InterfacePredicate final : public Predicate {
 public:
  explicit InterfacePredicate(const flow::FlowFilter& filter)
      : wanted_(filter.interface().begin(), filter.interface().end()) {
    by_index_ = std::all_of(wanted_.begin(), wanted_.end(),
                            [](const auto& one) { return one.name().empty(); });
  }

  bool MatchesFlow(StoredEvent& event) override {
    const uint32_t index = event.header().interface_index;
    if (index != 0 && by_index_) return Wanted(index, "");
    const std::optional<std::string_view> interface =
        event.Bytes(flow::Flow::kInterfaceFieldNumber);
    return interface &&
           Wanted(FindNumber(*interface, flow::NetworkInterface::kIndexFieldNumber),
                  FindBytes(*interface, flow::NetworkInterface::kNameFieldNumber).value_or(""));
  }

 private:
  bool Wanted(uint64_t index, std::string_view name) const {
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const flow::NetworkInterface& one) {
      return (one.index() == 0 || one.index() == index) &&
             (one.name().empty() || one.name() == name);
    });
  }

  const std::vector<flow::NetworkInterface> wanted_;
  bool by_index_;
};

}  // namespace

absl::Status CompileInterface(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                              PredicateList* out) {
  if (!filter.interface().empty()) out->push_back(std::make_unique<InterfacePredicate>(filter));
  return absl::OkStatus();
}

}  // namespace alidade
