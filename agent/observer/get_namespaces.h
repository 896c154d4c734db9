// SPDX-License-Identifier: Apache-2.0
//
// Observer.GetNamespaces (contract 3.3).
#ifndef ALIDADE_AGENT_OBSERVER_GET_NAMESPACES_H_
#define ALIDADE_AGENT_OBSERVER_GET_NAMESPACES_H_

#include "agent/observer/methods.h"

namespace alidade {

// The namespaces of the flows of the last hour, each with this node's cluster.
ResponderOr StartGetNamespaces(const CallStart& call);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_GET_NAMESPACES_H_
