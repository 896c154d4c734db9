// SPDX-License-Identifier: Apache-2.0
//
// An EndpointResolver that answers from tables a test fills in.
#ifndef ALIDADE_TESTS_SUPPORT_TABLE_RESOLVER_H_
#define ALIDADE_TESTS_SUPPORT_TABLE_RESOLVER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/endpoint.h"

namespace alidade::testing {

class TableResolver : public EndpointResolver {
 public:
  TableResolver() {
    EndpointInfo world;
    world.identity = kIdentityWorld;
    world.labels = {"reserved:world"};
    world_ = Own(std::move(world));
    EndpointInfo unknown;
    unknown.labels = {"reserved:unknown"};
    unknown_ = Own(std::move(unknown));
  }

  // Also found by its id, when it has one.
  const Endpoint* AddEndpoint(std::string_view address, EndpointInfo info) {
    const Endpoint* endpoint = Own(std::move(info));
    endpoints_[IpAddress::Parse(address).value().bytes] = endpoint;
    by_id_[endpoint->info.id] = endpoint;
    return endpoint;
  }
  void AddDnsName(uint32_t endpoint_id, std::string_view address, std::string name) {
    names_[{endpoint_id, IpAddress::Parse(address).value().bytes}].push_back(std::move(name));
  }
  void AddService(std::string_view address, uint16_t port, std::string_view name) {
    services_[{port, IpAddress::Parse(address).value().bytes}] = {EncodeService("default", name)};
  }
  // Stands for every key of this endpoint.
  void AddPolicy(uint32_t endpoint_id, PolicyRules rules) {
    policies_[endpoint_id] = std::move(rules);
  }
  void AddInterface(uint32_t netns, uint32_t index, std::string name) {
    interfaces_[{netns, index}] = std::move(name);
  }
  void AddEndpointInterface(uint32_t netns, uint32_t index) {
    endpoint_interfaces_.insert({netns, index});
  }
  void AddLocalAddress(uint64_t cgroup_id, std::string_view address) {
    local_addresses_[cgroup_id] = IpAddress::Parse(address).value();
  }
  void AddDropReason(uint32_t reason, std::string name) { reasons_[reason] = std::move(name); }
  void AddSymbol(uint64_t address, std::string name) { symbols_[address] = std::move(name); }

  const Endpoint* world() const { return world_; }
  const Endpoint* unknown() const { return unknown_; }
  // The identity that the last call of Resolve was given.
  uint32_t last_datapath_identity() const { return last_datapath_identity_; }

  const Endpoint* Resolve(const IpAddress& address, uint32_t datapath_identity) const override {
    last_datapath_identity_ = datapath_identity;
    if (!address.valid()) return unknown_;
    const auto found = endpoints_.find(address.bytes);
    return found != endpoints_.end() ? found->second : world_;
  }
  std::string_view InterfaceName(uint32_t netns, uint32_t index) const override {
    const auto found = interfaces_.find({netns, index});
    return found != interfaces_.end() ? std::string_view(found->second) : "";
  }
  bool IsEndpointInterface(uint32_t netns, uint32_t index) const override {
    return endpoint_interfaces_.count({netns, index}) != 0;
  }
  IpAddress LocalAddress(uint64_t cgroup_id, uint32_t, const IpAddress&) const override {
    const auto found = local_addresses_.find(cgroup_id);
    return found != local_addresses_.end() ? found->second : IpAddress();
  }
  std::string_view DropReasonName(uint32_t kernel_reason) const override {
    const auto found = reasons_.find(kernel_reason);
    return found != reasons_.end() ? std::string_view(found->second) : "";
  }
  std::string_view KernelSymbol(uint64_t address) const override {
    const auto found = symbols_.find(address);
    return found != symbols_.end() ? std::string_view(found->second) : "";
  }
  const Endpoint* EndpointById(uint32_t id) const override {
    const auto found = by_id_.find(id);
    return found != by_id_.end() && id != 0 ? found->second : nullptr;
  }
  std::span<const std::string> DnsNames(uint32_t endpoint_id,
                                        const IpAddress& address) const override {
    const auto found = names_.find({endpoint_id, address.bytes});
    return found != names_.end() ? std::span<const std::string>(found->second)
                                 : std::span<const std::string>();
  }
  const Service* FindService(const IpAddress& address, uint16_t port) const override {
    const auto found = services_.find({port, address.bytes});
    return found != services_.end() ? &found->second : nullptr;
  }
  const PolicyRules* FindPolicy(const PolicyKey& key) const override {
    const auto found = policies_.find(key.endpoint_id);
    return found != policies_.end() ? &found->second : nullptr;
  }

 private:
  using NumberedAddress = std::pair<uint32_t, std::array<uint8_t, 16>>;

  const Endpoint* Own(EndpointInfo info) {
    auto endpoint = std::make_unique<Endpoint>();
    endpoint->wire = EncodeEndpoint(info);
    endpoint->info = std::move(info);
    endpoint->handle = static_cast<uint32_t>(owned_.size() + 1);
    owned_.push_back(std::move(endpoint));
    return owned_.back().get();
  }

  std::vector<std::unique_ptr<Endpoint>> owned_;
  const Endpoint* world_ = nullptr;
  const Endpoint* unknown_ = nullptr;
  std::map<std::array<uint8_t, 16>, const Endpoint*> endpoints_;
  std::set<std::pair<uint32_t, uint32_t>> endpoint_interfaces_;
  std::map<uint32_t, const Endpoint*> by_id_;
  std::map<NumberedAddress, std::vector<std::string>> names_;
  std::map<NumberedAddress, Service> services_;
  std::map<uint32_t, PolicyRules> policies_;
  std::map<std::pair<uint32_t, uint32_t>, std::string> interfaces_;
  std::map<uint64_t, IpAddress> local_addresses_;
  std::map<uint32_t, std::string> reasons_;
  std::map<uint64_t, std::string> symbols_;
  mutable uint32_t last_datapath_identity_ = 0;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_SUPPORT_TABLE_RESOLVER_H_
