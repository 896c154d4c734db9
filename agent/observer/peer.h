// SPDX-License-Identifier: Apache-2.0
//
// Peer.Notify (contract part 4): this node announces itself and keeps the stream open.
#ifndef ALIDADE_AGENT_OBSERVER_PEER_H_
#define ALIDADE_AGENT_OBSERVER_PEER_H_

#include "agent/observer/methods.h"

namespace alidade {

ResponderOr StartNotify(const CallStart& call);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_PEER_H_
