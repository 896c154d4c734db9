// SPDX-License-Identifier: Apache-2.0
//
// One recorded event through the whole parser, as JSON.
#ifndef ALIDADE_AGENT_CLI_DECODE_LINE_H_
#define ALIDADE_AGENT_CLI_DECODE_LINE_H_

#include <string>

#include "agent/resolve/world.h"
#include "parser/raw_event.h"

namespace alidade {

// Decodes one line, an object with
//   name     returned as it is,
//   input    and what belongs to it (agent/recording/recorded_event.h),
//   prior    a list of such inputs that the parser sees first,
//   options  skip_unknown_cgroup_ids (default true): no flow for a socket of no known pod;
//            policy_correlation (default true): name the rules behind a verdict;
//            ip_tracing_option_type (default: the world's);
//            redact {http_query, http_userinfo, kafka_api_key, allow_headers, deny_headers}.
// Returns an object on one line: name and either expect_kind (`flow`, `debug_event`, `agent_event`,
// `lost_event`) and expect (the message in proto3 JSON; a flow without what differs from run to
// run: time, uuid, emitter), or error (the reason, `bad_line` for a line that is none).
// `origin` is whose perf samples they are where a line does not say.
std::string DecodeLine(const std::string& line, Origin origin, const World& world);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_DECODE_LINE_H_
