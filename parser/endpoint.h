// SPDX-License-Identifier: Apache-2.0
//
// The tables that enrichment reads, in the form that the encoder splices: an Endpoint is encoded
// once, when a resolver builds its snapshot, and copied into every flow of that endpoint.
// The resolvers (agent/resolve) fill these; the parser only reads them.
#ifndef ALIDADE_PARSER_ENDPOINT_H_
#define ALIDADE_PARSER_ENDPOINT_H_

#include <cstdint>
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
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_ENDPOINT_H_
