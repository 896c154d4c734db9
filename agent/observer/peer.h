// SPDX-License-Identifier: Apache-2.0
//
// Peer.Notify (contract part 4): every node of the cluster, this one included, then changes as they
// happen. The stream never ends by itself.
#ifndef ALIDADE_AGENT_OBSERVER_PEER_H_
#define ALIDADE_AGENT_OBSERVER_PEER_H_

#include "agent/observer/methods.h"

namespace alidade {

ResponderOr StartNotify(const CallStart& call);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_PEER_H_
