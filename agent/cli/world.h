// SPDX-License-Identifier: Apache-2.0
//
// Who owns an address, read from a file: the tables of one node (endpoints, identities, IP cache,
// interface names, cgroups) as JSON, so that recorded events can be decoded anywhere.
#ifndef ALIDADE_AGENT_CLI_WORLD_H_
#define ALIDADE_AGENT_CLI_WORLD_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "parser/endpoint.h"

namespace alidade {

// The tables as they stand in the file; members that are missing there are empty.
struct WorldTables {
  using AddressKey = std::pair<IpVersion, std::array<uint8_t, 16>>;
  struct PodName {
    std::string namespace_name;
    std::string pod_name;
  };
  struct Prefix {
    IpAddress address;
    int length = 0;  // bits
    uint32_t identity = 0;
  };

  std::string node_name;
  std::map<AddressKey, EndpointInfo> endpoints;             // local ones, by each address
  std::map<uint32_t, std::vector<std::string>> identities;  // labels
  std::vector<Prefix> ipcache;                              // longest first
  std::map<AddressKey, PodName> pods;                       // remote ones
  std::map<uint32_t, std::string> interfaces;               // by index
  std::map<uint64_t, std::vector<std::string>> cgroup_addresses;
};

// Errors: kInvalidArgument: not readable, not JSON, or a member of the wrong type.
absl::StatusOr<WorldTables> ReadWorldFile(const std::string& path);
absl::StatusOr<WorldTables> ParseWorld(const std::string& json);

// Answers as Cilium's own agent would (contract 6.6, event format 5.2).
// Thread: one; endpoints are made when they are first asked for.
class World final : public EndpointResolver {
 public:
  explicit World(WorldTables tables) : tables_(std::move(tables)) {}

  const std::string& node_name() const { return tables_.node_name; }

  const Endpoint* Resolve(const IpAddress& address, uint32_t datapath_identity) const override;
  std::string_view InterfaceName(uint32_t netns, uint32_t index) const override;
  IpAddress LocalAddress(uint64_t cgroup_id, uint32_t netns,
                         const IpAddress& destination) const override;
  // Recorded events of this form carry no kernel numbers.
  std::string_view DropReasonName(uint32_t kernel_reason) const override;
  std::string_view KernelSymbol(uint64_t address) const override;

 private:
  EndpointInfo Describe(const IpAddress& address, uint32_t datapath_identity) const;

  const WorldTables tables_;
  mutable std::map<std::pair<WorldTables::AddressKey, uint32_t>, Endpoint> made_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_WORLD_H_
