// SPDX-License-Identifier: Apache-2.0
//
// The tables that enrichment reads, in the form that the encoder splices: an Endpoint is encoded
// once, when a resolver builds its snapshot, and copied into every flow of that endpoint.
// The resolvers (agent/resolve) fill these; the parser only reads them.
#ifndef ALIDADE_PARSER_ENDPOINT_H_
#define ALIDADE_PARSER_ENDPOINT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/ip_address.h"

namespace alidade {

// Security identities that mean the same in every cluster (pkg/identity in Cilium, contract 6.6).
enum ReservedIdentity : uint32_t {
  kIdentityUnknown = 0,
  kIdentityHost = 1,
  kIdentityWorld = 2,
};

struct Workload {
  std::string name;
  std::string kind;
};

// What a resolver knows of one owner of addresses. Field meanings: flow.Endpoint.
struct EndpointInfo {
  uint32_t id = 0;
  uint32_t identity = 0;
  std::string cluster_name;
  std::string namespace_name;
  std::string pod_name;
  std::vector<std::string> labels;  // `source:key[=value]`, sorted bytewise
  std::vector<Workload> workloads;
};

// Immutable once built. Two endpoints with equal handles have equal contents, for the life of the
// process, so that a filter may remember its answer by handle.
struct Endpoint {
  EndpointInfo info;
  uint32_t handle = 0;  // never 0 for an endpoint made by EndpointInterner
  std::string wire;     // flow.Endpoint, serialized
};

// Serializes `info` as flow.Endpoint.
std::string EncodeEndpoint(const EndpointInfo& info);

// A pod by its name.
struct PodName {
  std::string namespace_name;
  std::string pod_name;
};

// What a flow says of a service frontend: flow.Service, serialized.
struct Service {
  std::string wire;
};

// Serializes flow.Service.
std::string EncodeService(std::string_view namespace_name, std::string_view name);

// What a policy verdict was decided by, looked up in the endpoint's own policy (event-format
// section 5.4). Zero is a wildcard.
struct PolicyKey {
  bool is_egress = false;
  uint8_t protocol = 0;  // IP protocol number
  uint16_t port = 0;     // destination port, or ICMP type; host order
  uint32_t endpoint_id = 0;
  uint32_t remote_identity = 0;

  friend bool operator==(const PolicyKey&, const PolicyKey&) = default;
};

// The rules behind one key.
struct PolicyRules {
  std::vector<std::string> policies;  // flow.Policy, serialized; one for each rule
  std::vector<std::string> log;       // what the rules ask to be logged
};

// Serializes flow.Policy of a rule with these labels (`source:key[=value]`); its name, namespace
// and kind are among them.
std::string EncodePolicy(const std::vector<std::string>& labels, uint64_t revision);

// Answers questions about addresses and numbers while events are enriched.
// Thread: implementations are immutable; any thread may call. Returned pointers and views live as
// long as the resolver does.
class EndpointResolver {
 public:
  virtual ~EndpointResolver() = default;

  // The owner of `address` as seen by a datapath that gave it `datapath_identity` (0: it gave
  // none). Never null: an address that nobody owns is the world, an invalid one is unknown.
  virtual const Endpoint* Resolve(const IpAddress& address, uint32_t datapath_identity) const = 0;

  // The name of interface `index` in network namespace `netns` (inode number; 0: the agent's own);
  // empty when unknown.
  virtual std::string_view InterfaceName(uint32_t netns, uint32_t index) const = 0;

  // Whether that interface is this node's end of the link to one endpoint, a pod's veth.
  virtual bool IsEndpointInterface(uint32_t /*netns*/, uint32_t /*index*/) const { return false; }

  // The address from which the pod that owns cgroup `cgroup_id`, else this node itself, speaks to
  // `destination`. `netns` is the socket's network namespace (inode number; 0: unknown): a socket
  // outside the node's own is never the node's. Not valid when unknown.
  virtual IpAddress LocalAddress(uint64_t cgroup_id, uint32_t netns,
                                 const IpAddress& destination) const = 0;

  // The running kernel's own name for a drop reason (`NETFILTER_DROP`), empty when unknown.
  virtual std::string_view DropReasonName(uint32_t kernel_reason) const = 0;

  // The kernel function that `address` lies in, empty when unknown.
  virtual std::string_view KernelSymbol(uint64_t address) const = 0;

  // --- what only a cluster knows; a resolver of a bare host answers none of it ---

  // The endpoint of this node with that number, as debug events show it: without its workloads.
  // Null when there is none.
  virtual const Endpoint* EndpointById(uint32_t /*id*/) const { return nullptr; }

  // The endpoint of this node with that address; null when there is none.
  virtual const Endpoint* LocalEndpoint(const IpAddress& /*address*/) const { return nullptr; }

  // The pod with that address, wherever it runs; null when unknown.
  virtual const PodName* FindPod(const IpAddress& /*address*/) const { return nullptr; }

  // The names, without trailing dot, that the endpoint with that number resolved to `address`.
  virtual std::span<const std::string> DnsNames(uint32_t /*endpoint_id*/,
                                                const IpAddress& /*address*/) const {
    return {};
  }

  // The service whose frontend this is (host order); null when there is none.
  virtual const Service* FindService(const IpAddress& /*address*/, uint16_t /*port*/) const {
    return nullptr;
  }

  // The rules that stand for exactly this key; null when there are none.
  virtual const PolicyRules* FindPolicy(const PolicyKey& /*key*/) const { return nullptr; }
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_ENDPOINT_H_
