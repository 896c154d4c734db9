// SPDX-License-Identifier: Apache-2.0
//
// `alidade decode`: recorded events in, flows out, as JSON lines. For support, where the bytes
// come from somebody else's node, and for the conformance vectors.
#ifndef ALIDADE_AGENT_CLI_DECODE_H_
#define ALIDADE_AGENT_CLI_DECODE_H_

#include "agent/command_line.h"

namespace alidade {

// Decodes stdin line by line to stdout. Returns 0, or kExitUsage when the flags are wrong.
int RunDecode(const Arguments& arguments);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_DECODE_H_
