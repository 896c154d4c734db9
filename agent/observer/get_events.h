// SPDX-License-Identifier: Apache-2.0
//
// Observer.GetFlows, GetAgentEvents and GetDebugEvents (contract part 2 and 3.1).
#ifndef ALIDADE_AGENT_OBSERVER_GET_EVENTS_H_
#define ALIDADE_AGENT_OBSERVER_GET_EVENTS_H_

#include "agent/observer/methods.h"

namespace alidade {

ResponderOr StartGetFlows(const CallStart& call);
ResponderOr StartGetAgentEvents(const CallStart& call);
ResponderOr StartGetDebugEvents(const CallStart& call);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_GET_EVENTS_H_
