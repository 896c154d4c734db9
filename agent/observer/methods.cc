// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/methods.h"

#include "agent/observer/get_events.h"
#include "agent/observer/get_namespaces.h"
#include "agent/observer/health.h"
#include "agent/observer/peer.h"
#include "agent/observer/status.h"

namespace alidade {
namespace {

// A node knows no other nodes; relay answers this (contract 3.2).
ResponderOr StartGetNodes(const CallStart& /*call*/) {
  return absl::UnimplementedError("GetNodes not implemented");
}

constexpr Method kMethods[] = {
    {"/observer.Observer/GetFlows", StartGetFlows},
    {"/observer.Observer/GetAgentEvents", StartGetAgentEvents},
    {"/observer.Observer/GetDebugEvents", StartGetDebugEvents},
    {"/observer.Observer/GetNodes", StartGetNodes},
    {"/observer.Observer/GetNamespaces", StartGetNamespaces},
    {"/observer.Observer/ServerStatus", StartServerStatus},
    {"/peer.Peer/Notify", StartNotify},
    {"/alidade.Agent/GetStatus", StartGetStatus},
    {"/grpc.health.v1.Health/Check", StartHealthCheck},
    {"/grpc.health.v1.Health/Watch", StartHealthWatch},
};

}  // namespace

std::span<const Method> Methods() { return kMethods; }

PathParts SplitPath(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (path.empty() || path.front() != '/' || slash == 0 || slash == std::string_view::npos) {
    return {};
  }
  return {path.substr(1, slash - 1), path.substr(slash + 1)};
}

}  // namespace alidade
