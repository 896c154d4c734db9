// SPDX-License-Identifier: Apache-2.0
//
// Who owns an address, as the tables of one Cilium node say: endpoints, identities, IP cache,
// services, DNS names, policies. They come from a file (world_file.h), so that recorded events can
// be decoded anywhere.
#ifndef ALIDADE_AGENT_RESOLVE_WORLD_H_
#define ALIDADE_AGENT_RESOLVE_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "agent/resolve/ip_address_hash.h"
#include "parser/endpoint.h"

namespace alidade {

// The tables as they stand in the file.
struct WorldTables {
  struct LocalEndpoint {
    std::vector<IpAddress> addresses;
    EndpointInfo info;  // labels in any order
  };
  struct Prefix {
    IpAddress address;
    int length = 0;  // bits
    uint32_t identity = 0;
  };
  struct Pod {
    IpAddress address;
    PodName name;
  };
  struct ServiceFrontend {
    IpAddress address;
    uint16_t port = 0;  // host order
    std::string namespace_name;
    std::string name;
  };
  struct ResolvedName {
    uint32_t endpoint_id = 0;
    IpAddress address;
    std::vector<std::string> names;
  };

  std::string node_name;
  uint32_t ip_tracing_option_type = 0;
  std::vector<LocalEndpoint> endpoints;
  std::map<uint32_t, std::vector<std::string>> identities;  // labels, in any order
  std::vector<Prefix> ipcache;
  std::vector<Pod> pods;
  std::vector<ServiceFrontend> services;
  std::vector<ResolvedName> dns;
  std::vector<std::pair<PolicyKey, PolicyRules>> policies;
  std::map<uint32_t, std::string> interfaces;                     // names by index
  std::map<uint64_t, std::vector<std::string>> cgroup_addresses;  // of the pod, as text, in order
};

// Answers as Cilium's own agent would (contract 6.6, event format 5.2).
// Thread: one, because endpoints are made when they are first asked for. Memory is bounded: of the
// endpoints that it made beyond one for each address in the tables, at least the last 65,536 live
// on; earlier ones may be gone.
class World final : public EndpointResolver {
 public:
  explicit World(WorldTables tables);

  const std::string& node_name() const { return node_name_; }
  uint32_t ip_tracing_option_type() const { return ip_tracing_option_type_; }

  const Endpoint* Resolve(const IpAddress& address, uint32_t datapath_identity) const override;
  std::string_view InterfaceName(uint32_t netns, uint32_t index) const override;
  IpAddress LocalAddress(uint64_t cgroup_id, uint32_t netns,
                         const IpAddress& destination) const override;
  // Recorded events of this form carry no kernel numbers.
  std::string_view DropReasonName(uint32_t kernel_reason) const override;
  std::string_view KernelSymbol(uint64_t address) const override;
  const Endpoint* EndpointById(uint32_t id) const override;
  const Endpoint* LocalEndpoint(const IpAddress& address) const override;
  const PodName* FindPod(const IpAddress& address) const override;
  std::span<const std::string> DnsNames(uint32_t endpoint_id,
                                        const IpAddress& address) const override;
  const Service* FindService(const IpAddress& address, uint16_t port) const override;
  const PolicyRules* FindPolicy(const PolicyKey& key) const override;

 private:
  // An address with an endpoint id or a port.
  using NumberedAddress = std::pair<IpAddress, uint32_t>;
  struct NumberedAddressHash {
    size_t operator()(const NumberedAddress& key) const {
      return IpAddressHash()(key.first, key.second);
    }
  };
  struct PolicyKeyHash {
    size_t operator()(const PolicyKey& key) const;
  };
  template <typename Value>
  using ByAddress = absl::flat_hash_map<IpAddress, Value, IpAddressHash>;
  template <typename Value>
  using ByNumberedAddress = absl::flat_hash_map<NumberedAddress, Value, NumberedAddressHash>;

  // What is known of exactly one address, so that most are looked up once.
  struct AddressFacts {
    static constexpr uint32_t kNone = ~uint32_t{0};
    uint32_t local = kNone;  // index of locals_
    uint32_t pod = kNone;    // index of pods_
    std::optional<uint32_t> identity;
    // Whose address it is when the datapath does not say otherwise; made when first asked for.
    mutable std::unique_ptr<Endpoint> usual;
  };
  // The prefixes of one length that are more than one address, by their first address.
  struct PrefixesOfLength {
    IpVersion version = IpVersion::kNone;
    int length = 0;
    ByAddress<uint32_t> identities;
  };
  // A local endpoint or a pod in the tables below, or nobody, with an identity.
  enum class OwnerKind : uint8_t { kNobody, kLocal, kPod };
  struct Owner {
    OwnerKind kind = OwnerKind::kNobody;
    uint32_t index = 0;
    uint32_t identity = 0;
    uint64_t key() const {
      return uint64_t{identity} << 32 | uint64_t{index} << 2 | static_cast<uint64_t>(kind);
    }
  };
  using Made = absl::flat_hash_map<uint64_t, std::unique_ptr<Endpoint>>;

  Owner OwnerOf(const IpAddress& address, const AddressFacts& facts,
                uint32_t datapath_identity) const;
  uint32_t IdentityOfPrefix(const IpAddress& address) const;
  EndpointInfo Describe(const Owner& owner) const;
  const Endpoint* Make(const Owner& owner) const;

  const std::string node_name_;
  const uint32_t ip_tracing_option_type_;
  std::vector<EndpointInfo> locals_;
  std::vector<PodName> pods_;
  ByAddress<AddressFacts> facts_;
  std::map<uint32_t, Endpoint> by_id_;
  absl::flat_hash_map<uint32_t, std::vector<std::string>> identities_;
  std::vector<PrefixesOfLength> prefixes_;  // longest first
  ByNumberedAddress<Service> services_;
  ByNumberedAddress<std::vector<std::string>> dns_;
  absl::flat_hash_map<PolicyKey, PolicyRules, PolicyKeyHash> policies_;
  std::map<uint32_t, std::string> interfaces_;
  std::map<uint64_t, std::vector<std::string>> cgroup_addresses_;

  // Endpoints made since the last change of generation, and those of the generation before.
  mutable Made made_;
  mutable Made made_before_;
  mutable uint32_t last_handle_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_WORLD_H_
