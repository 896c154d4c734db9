// SPDX-License-Identifier: Apache-2.0
//
// `alidade decode`: recorded events in, flows out, as JSON lines. For support, where the bytes
// come from somebody else's node, and for the conformance vectors.
#ifndef ALIDADE_AGENT_CLI_DECODE_H_
#define ALIDADE_AGENT_CLI_DECODE_H_

#include <string>

#include "agent/cli/world.h"
#include "agent/command_line.h"
#include "parser/raw_event.h"

namespace alidade {

// Decodes one line, an object with
//   name      returned as it is,
//   input     `perf`: a sample of a perf ring,
//   cpu       on which it was written,
//   data_hex  its bytes; absent: none,
//   options   skip_unknown_cgroup_ids (default true): no flow for a socket of no known pod.
// Returns an object on one line: name and either expect_kind (`flow`) and expect (the flow in
// proto3 JSON without what differs from run to run: time, uuid, emitter), or error (the reason).
std::string DecodeLine(const std::string& line, Origin origin, const World& world);

// Decodes stdin line by line to stdout. Returns 0, or kExitUsage when the flags are wrong.
int RunDecode(const Arguments& arguments);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_DECODE_H_
