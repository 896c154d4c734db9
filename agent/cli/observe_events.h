// SPDX-License-Identifier: Apache-2.0
//
// `alidade observe agent-events` and `debug-events`: what happened to an agent, and what its
// datapath says for debugging, with the selectors and formats of `hubble observe`.
#ifndef ALIDADE_AGENT_CLI_OBSERVE_EVENTS_H_
#define ALIDADE_AGENT_CLI_OBSERVE_EVENTS_H_

#include "agent/command_line.h"

namespace alidade {

// Return values as RunObserve.
int RunObserveAgentEvents(const Arguments& arguments);
int RunObserveDebugEvents(const Arguments& arguments);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_OBSERVE_EVENTS_H_
