// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/get_namespaces.h"

#include "absl/time/clock.h"
#include "agent/observer/single_response.h"
#include "observer/observer.pb.h"

namespace alidade {

ResponderOr StartGetNamespaces(const CallStart& call) {
  observer::GetNamespacesResponse response;
  for (const std::string& name : call.state.ledger.namespaces.Names(absl::GetCurrentTimeNanos())) {
    observer::Namespace* row = response.add_namespaces();
    row->set_namespace_(name);
    if (call.state.node.has_cluster()) row->set_cluster(call.state.node.cluster);
  }
  return RespondOnce(response);
}

}  // namespace alidade
