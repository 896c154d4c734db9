// SPDX-License-Identifier: Apache-2.0
//
// Observer.ServerStatus (contract 3.4) and alidade.Agent.GetStatus.
#ifndef ALIDADE_AGENT_OBSERVER_STATUS_H_
#define ALIDADE_AGENT_OBSERVER_STATUS_H_

#include <cstdint>

#include "agent/observer/methods.h"
#include "observer/observer.pb.h"

namespace alidade {

ResponderOr StartServerStatus(const CallStart& call);
ResponderOr StartGetStatus(const CallStart& call);

// Flows a second over the minute before `now_ns`, or since the oldest flow if that is younger. The
// store is in time order.
double FlowRate(const EventRing& ring, int64_t now_ns);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_STATUS_H_
