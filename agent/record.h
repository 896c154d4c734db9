// SPDX-License-Identifier: Apache-2.0
//
// `alidade record`: what the kernel's rings give, in a file, to be looked at later or elsewhere
// (`--source replay:FILE`, `alidade decode`).
#ifndef ALIDADE_AGENT_RECORD_H_
#define ALIDADE_AGENT_RECORD_H_

#include "agent/command_line.h"

namespace alidade {

// Records until SIGINT or SIGTERM, or as long or as many events as the flags say. Takes the flags
// of `alidade agent` too, of which those about the source count. Returns the exit status.
int RunRecord(const Arguments& arguments);

}  // namespace alidade

#endif  // ALIDADE_AGENT_RECORD_H_
