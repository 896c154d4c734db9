// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_life.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "parser/endpoint.h"

namespace alidade {
namespace {

std::vector<std::string> LabelsOf(const std::string& interface_name) {
  return {absl::StrCat("alidade:interface=", interface_name)};
}

EndpointUpdate UpdateOf(uint32_t index, const std::string& interface_name) {
  EndpointUpdate update;
  update.id = index;
  update.labels = LabelsOf(interface_name);
  return update;
}

IpCacheUpdate HostAddress(const IpAddress& address) {
  const int bits = address.version == IpVersion::kV6 ? 128 : 32;
  IpCacheUpdate update;
  update.cidr = absl::StrCat(address.ToString(), "/", bits);
  update.identity = kIdentityHost;
  return update;
}

}  // namespace

void AgentLife::Tell(AgentNotificationType type, decltype(AgentNotification::payload) payload) {
  AgentNotification notification;
  notification.type = type;
  notification.payload = std::move(payload);
  mailbox_.Tell(ToAgentEvent(notification), absl::GetCurrentTimeNanos());
}

void AgentLife::OnStarted() {
  Tell(AgentNotificationType::kStart,
       AgentStarted{absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone())});
}

void AgentLife::OnNetwork(const HostNetwork& network) {
  std::map<uint32_t, std::string> endpoints;
  for (const auto& [index, interface] : network.interfaces) {
    if (RoleOf(interface) == InterfaceRole::kPod) endpoints.emplace(index, interface.name);
  }
  AddressSet addresses;
  for (const InterfaceAddress& owned : network.addresses) addresses.insert(owned.address);

  for (const auto& [index, name] : endpoints_) {
    if (endpoints.count(index) != 0) continue;
    Tell(AgentNotificationType::kEndpointDeleted, UpdateOf(index, name));
  }
  for (const IpAddress& address : addresses_) {
    if (addresses.count(address) != 0) continue;
    Tell(AgentNotificationType::kIpCacheDeleted, HostAddress(address));
  }
  for (const auto& [index, name] : endpoints) {
    if (endpoints_.count(index) != 0) continue;
    Tell(AgentNotificationType::kEndpointCreated, UpdateOf(index, name));
  }
  for (const IpAddress& address : addresses) {
    if (addresses_.count(address) != 0) continue;
    Tell(AgentNotificationType::kIpCacheUpserted, HostAddress(address));
  }
  endpoints_ = std::move(endpoints);
  addresses_ = std::move(addresses);
}

void AgentLife::OnAttach(const AttachState& state) {
  if (RoleOf(state.interface) != InterfaceRole::kPod) return;
  // An interface is attached to before the network as a whole is told.
  if (endpoints_.emplace(state.interface.index, state.interface.name).second) {
    Tell(AgentNotificationType::kEndpointCreated,
         UpdateOf(state.interface.index, state.interface.name));
  }
  EndpointRegenerate regenerate;
  regenerate.id = state.interface.index;
  regenerate.labels = LabelsOf(state.interface.name);
  const bool is_attached = !state.mechanism.empty();
  if (!is_attached) regenerate.error = state.detail;
  Tell(is_attached ? AgentNotificationType::kRegenerateSuccess
                   : AgentNotificationType::kRegenerateFailure,
       std::move(regenerate));
}

}  // namespace alidade
