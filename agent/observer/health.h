// SPDX-License-Identifier: Apache-2.0
//
// grpc.health.v1.Health (contract 1.2). Our own: gRPC 1.51 serves its through the callback API,
// which costs a process two threads that poll, and does not send the header that Hubble servers do.
#ifndef ALIDADE_AGENT_OBSERVER_HEALTH_H_
#define ALIDADE_AGENT_OBSERVER_HEALTH_H_

#include "agent/observer/methods.h"

namespace alidade {

// Whether the whole server (empty name) or `hubble.server.Observer` serves: they do as long as
// anybody can ask. Other names are NOT_FOUND.
ResponderOr StartHealthCheck(const CallStart& call);

// The same as a stream, which says SERVICE_UNKNOWN of other names and stays open.
ResponderOr StartHealthWatch(const CallStart& call);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_HEALTH_H_
