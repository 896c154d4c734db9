// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/interface_attacher.h"

#include <fnmatch.h>

#include <algorithm>
#include <utility>

namespace alidade {
namespace {

bool MatchesAny(const std::vector<std::string>& patterns, const std::string& name) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  });
}

// A rename or a change of flags keeps the attachment; another device behind the same number
// (deleted and made again between two looks) does not.
bool IsSameDevice(const Interface& a, const Interface& b) {
  return a.kind == b.kind && a.device_type == b.device_type;
}

}  // namespace

InterfaceAttacher::InterfaceAttacher(const LoadedHook& hook, InterfaceTable& table,
                                     const CaptureOptions& options)
    : options_(options),
      mode_(options.tc_attach),
      programs_{hook.program("alidade_ingress"), hook.program("alidade_egress")},
      table_(table) {}

std::string InterfaceAttacher::Refusal(const Interface& interface) const {
  if (RoleOf(interface) == InterfaceRole::kLoopback && !options_.attach_loopback)
    return "loopback: switched on by --attach-loopback";
  if (!options_.interface_include.empty() &&
      !MatchesAny(options_.interface_include, interface.name))
    return "not in --interface-include";
  if (MatchesAny(options_.interface_exclude, interface.name)) return "in --interface-exclude";
  return {};
}

absl::StatusOr<TcAttachment> InterfaceAttacher::AttachPrograms(uint32_t ifindex) {
  if (mode_ != TcAttach::kClsact) {
    absl::StatusOr<TcAttachment> tcx = TcAttachment::AttachTcx(programs_, ifindex);
    if (mode_ == TcAttach::kTcx || !absl::IsUnimplemented(tcx.status())) return tcx;
    mode_ = TcAttach::kClsact;
  }
  return TcAttachment::AttachClsact(programs_, ifindex);
}

absl::Status InterfaceAttacher::Tell(const Interface& interface) {
  return table_.Set(interface.index, ConfigOf(interface, options_.aggregation));
}

bool InterfaceAttacher::Attach(Slot& slot) {
  const Interface& interface = slot.state.interface;
  slot.state.detail = Refusal(interface);
  if (!slot.state.detail.empty()) return false;

  // What a killed agent left stands on interfaces that are older than this one.
  if (!has_reconciled_) RemoveLeftoverFilters(interface.index);
  const absl::Status told = Tell(interface);
  if (!told.ok()) {
    slot.state.detail = std::string(told.message());
    return true;
  }
  absl::StatusOr<TcAttachment> attached = AttachPrograms(interface.index);
  if (!attached.ok()) {
    table_.Remove(interface.index);
    slot.state.detail = std::string(attached.status().message());
    return true;
  }
  slot.state.mechanism = std::string(attached->mechanism());
  slot.attachment.emplace(*std::move(attached));
  slot.state.unseen = TotalsOf(interface.index).value_or(LinkTotals{});
  return true;
}

const AttachState* InterfaceAttacher::Update(const Interface& interface) {
  const auto found = slots_.find(interface.index);
  if (found != slots_.end()) {
    AttachState& state = found->second.state;
    if (IsSameDevice(state.interface, interface)) {
      const bool has_new_role = RoleOf(state.interface) != RoleOf(interface);
      const bool has_new_name = state.interface.name != interface.name;
      state.interface = interface;
      if (has_new_name || !found->second.attachment) {
        if (const AttachState* tried = ChooseAgain(found->second)) return tried;
      }
      if (has_new_role && found->second.attachment) {
        const absl::Status told = Tell(interface);
        if (!told.ok()) state.detail = std::string(told.message());
      }
      return nullptr;
    }
    Remove(interface.index);
  }
  Slot& slot = slots_[interface.index];
  slot.state.interface = interface;
  return Attach(slot) ? &slot.state : nullptr;
}

const AttachState* InterfaceAttacher::ChooseAgain(Slot& slot) {
  if (!slot.attachment) {
    const std::string before = slot.state.detail;
    return Attach(slot) && slot.state.detail != before ? &slot.state : nullptr;
  }
  slot.state.detail = Refusal(slot.state.interface);
  if (slot.state.detail.empty()) return nullptr;
  slot.attachment.reset();
  slot.state.mechanism.clear();
  slot.state.unseen = {};
  table_.SayGone(slot.state.interface.index);
  return nullptr;
}

void InterfaceAttacher::Remove(uint32_t ifindex) {
  const auto found = slots_.find(ifindex);
  if (found == slots_.end()) return;
  if (found->second.attachment) {
    found->second.attachment->Forget();
    table_.SayGone(ifindex);
  }
  slots_.erase(found);
}

std::vector<AttachState> InterfaceAttacher::Reconcile(const HostNetwork& network) {
  std::vector<uint32_t> gone;
  for (const auto& [index, slot] : slots_) {
    if (network.interfaces.count(index) == 0) gone.push_back(index);
  }
  for (const uint32_t index : gone) Remove(index);

  std::vector<AttachState> tried;
  for (const auto& [index, interface] : network.interfaces) {
    if (const AttachState* state = Update(interface)) tried.push_back(*state);
  }
  has_reconciled_ = true;
  return tried;
}

std::vector<AttachState> InterfaceAttacher::states() const {
  std::vector<AttachState> states;
  states.reserve(slots_.size());
  for (const auto& [index, slot] : slots_) states.push_back(slot.state);
  return states;
}

}  // namespace alidade
