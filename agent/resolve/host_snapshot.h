// SPDX-License-Identifier: Apache-2.0
//
// Who owns an address, as far as a bare host can tell: this host's own addresses are the host,
// the rest is the world. Immutable; replaced as a whole when the network changes.
#ifndef ALIDADE_AGENT_RESOLVE_HOST_SNAPSHOT_H_
#define ALIDADE_AGENT_RESOLVE_HOST_SNAPSHOT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "absl/container/flat_hash_set.h"
#include "agent/resolve/endpoint_interner.h"
#include "agent/resolve/ip_address_hash.h"
#include "parser/endpoint.h"

namespace alidade {

// What a snapshot is made of.
struct HostFacts {
  uint32_t netns = 0;  // the namespace that interface numbers belong to
  std::unordered_map<uint32_t, std::string> interface_names;
  std::unordered_set<uint32_t> endpoint_interfaces;         // this node's ends of links to pods
  absl::flat_hash_set<IpAddress, IpAddressHash> addresses;  // asked twice an event
  // The address that the host speaks from by default, by family; not valid when there is none.
  IpAddress primary_v4;
  IpAddress primary_v6;
  // The running kernel's names for numbers in events. Must outlive the snapshot; may be empty.
  std::function<std::string_view(uint32_t)> drop_reason_name;
  std::function<std::string_view(uint64_t)> kernel_symbol;
};

class HostSnapshot : public EndpointResolver {
 public:
  HostSnapshot(HostFacts facts, EndpointInterner& interner);

  const Endpoint* Resolve(const IpAddress& address, uint32_t datapath_identity) const override;
  std::string_view InterfaceName(uint32_t netns, uint32_t index) const override;
  bool IsEndpointInterface(uint32_t netns, uint32_t index) const override;
  IpAddress LocalAddress(uint64_t cgroup_id, uint32_t netns,
                         const IpAddress& destination) const override;
  std::string_view DropReasonName(uint32_t kernel_reason) const override;
  std::string_view KernelSymbol(uint64_t address) const override;

 private:
  bool IsOwnNamespace(uint32_t netns) const { return netns == 0 || netns == facts_.netns; }
  bool IsOwn(const IpAddress& address) const;

  const HostFacts facts_;
  const std::shared_ptr<const Endpoint> host_;
  const std::shared_ptr<const Endpoint> world_;
  const std::shared_ptr<const Endpoint> unknown_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_HOST_SNAPSHOT_H_
