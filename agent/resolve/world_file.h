// SPDX-License-Identifier: Apache-2.0
//
// The file form of a World: a JSON object whose members are lists. Missing members are empty;
// entries with an address that is none are left out.
//   node_name, ip_tracing_option_type
//   endpoints     id, ips, identity, namespace, pod_name, labels, workload {kind, name},
//                 policy_revision, policies [{direction, identity, protocol, port, rule_labels,
//                 log}]
//   identities    id, labels
//   ipcache       prefix, identity
//   k8s_metadata  ip, namespace, pod_name
//   services      ip, port, namespace, name
//   dns           endpoint_id, ip, names
//   links         ifindex, name
//   cgroups       cgroup_id, ips
#ifndef ALIDADE_AGENT_RESOLVE_WORLD_FILE_H_
#define ALIDADE_AGENT_RESOLVE_WORLD_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/resolve/world.h"

namespace alidade {

// Errors: kInvalidArgument: not readable, not JSON, or a member of the wrong type.
absl::StatusOr<WorldTables> ReadWorldFile(const std::string& path);
absl::StatusOr<WorldTables> ParseWorld(const std::string& json);

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_WORLD_FILE_H_
