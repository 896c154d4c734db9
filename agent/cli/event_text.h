// SPDX-License-Identifier: Apache-2.0
//
// Agent and debug events in the words of Hubble's client (contract 7.6). Their texts come from
// strangers, and are not made safe for a terminal yet.
#ifndef ALIDADE_AGENT_CLI_EVENT_TEXT_H_
#define ALIDADE_AGENT_CLI_EVENT_TEXT_H_

#include <string>

#include "agent/cli/time_text.h"
#include "flow/flow.pb.h"

namespace alidade {

// `id: 4, namespace: ns, pod name: p`; UNKNOWN when the event does not hold what its type says.
std::string AgentEventDetails(const flow::AgentEvent& event, TimeFormat time_format);

// `ns/pod (ID: 5)`; `N/A` of a missing endpoint.
std::string DebugSourceText(const flow::DebugEvent& event);
// `0xbeef` and `03`; `N/A` when missing.
std::string DebugMarkText(const flow::DebugEvent& event);
std::string DebugCpuText(const flow::DebugEvent& event);

// The name of a type, or its number if this program knows none.
std::string TypeText(const flow::AgentEvent& event);
std::string TypeText(const flow::DebugEvent& event);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_EVENT_TEXT_H_
