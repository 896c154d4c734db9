// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/host_snapshot.h"

#include <utility>

namespace alidade {
namespace {

EndpointInfo Reserved(ReservedIdentity identity, const char* label) {
  EndpointInfo info;
  info.identity = identity;
  info.labels = {label};
  return info;
}

}  // namespace

HostSnapshot::HostSnapshot(HostFacts facts, EndpointInterner& interner)
    : facts_(std::move(facts)),
      host_(interner.Intern(Reserved(kIdentityHost, "reserved:host"))),
      world_(interner.Intern(Reserved(kIdentityWorld, "reserved:world"))),
      unknown_(interner.Intern(Reserved(kIdentityUnknown, "reserved:unknown"))) {}

bool HostSnapshot::IsOwn(const IpAddress& address) const {
  return address.is_loopback() || facts_.addresses.count(address) != 0;
}

const Endpoint* HostSnapshot::Resolve(const IpAddress& address, uint32_t) const {
  if (!address.valid()) return unknown_.get();
  return IsOwn(address.Unmapped()) ? host_.get() : world_.get();
}

std::string_view HostSnapshot::InterfaceName(uint32_t netns, uint32_t index) const {
  if (!IsOwnNamespace(netns)) return {};
  const auto found = facts_.interface_names.find(index);
  return found == facts_.interface_names.end() ? std::string_view() : found->second;
}

bool HostSnapshot::IsEndpointInterface(uint32_t netns, uint32_t index) const {
  return IsOwnNamespace(netns) && facts_.endpoint_interfaces.count(index) != 0;
}

IpAddress HostSnapshot::LocalAddress(uint64_t, uint32_t netns, const IpAddress& destination) const {
  if (!IsOwnNamespace(netns)) return {};
  const IpAddress to = destination.Unmapped();
  // The kernel answers itself from the address that was asked for.
  if (IsOwn(to)) return to;
  return to.version == IpVersion::kV6 ? facts_.primary_v6 : facts_.primary_v4;
}

std::string_view HostSnapshot::DropReasonName(uint32_t kernel_reason) const {
  return facts_.drop_reason_name ? facts_.drop_reason_name(kernel_reason) : std::string_view();
}

std::string_view HostSnapshot::KernelSymbol(uint64_t address) const {
  return facts_.kernel_symbol ? facts_.kernel_symbol(address) : std::string_view();
}

}  // namespace alidade
