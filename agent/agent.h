// SPDX-License-Identifier: Apache-2.0
//
// `alidade agent`: the node agent as one call. See agent.cc for what is built in which order.
#ifndef ALIDADE_AGENT_AGENT_H_
#define ALIDADE_AGENT_AGENT_H_

#include "agent/options.h"

namespace alidade {

// Runs the agent until SIGINT or SIGTERM. Returns the exit status of the program; what went wrong
// is already on stderr.
int RunAgent(const AgentOptions& options);

// Removes what a killed agent left behind (clsact filters, a dead socket file) and returns the
// exit status. Starts nothing.
int RunCleanup(const AgentOptions& options);

}  // namespace alidade

#endif  // ALIDADE_AGENT_AGENT_H_
