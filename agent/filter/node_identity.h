// SPDX-License-Identifier: Apache-2.0
//
// What is the same in every flow of this node, and therefore not stored with any of them.
#ifndef ALIDADE_AGENT_FILTER_NODE_IDENTITY_H_
#define ALIDADE_AGENT_FILTER_NODE_IDENTITY_H_

#include <string>
#include <vector>

namespace alidade {

struct NodeIdentity {
  std::string name;                 // bare, `node-1`
  std::string cluster;              // empty or `default`: not part of the full name
  std::vector<std::string> labels;  // `key=value` of the Kubernetes Node, sorted

  bool has_cluster() const { return !cluster.empty() && cluster != "default"; }
  // flow.Flow.node_name: `[cluster/]node` (contract 6.1).
  std::string FullName() const { return has_cluster() ? cluster + "/" + name : name; }
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_NODE_IDENTITY_H_
