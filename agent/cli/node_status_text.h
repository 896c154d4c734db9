// SPDX-License-Identifier: Apache-2.0
//
// What hubble-relay tells of its nodes between flows, as Hubble's client prints it to stderr.
#ifndef ALIDADE_AGENT_CLI_NODE_STATUS_TEXT_H_
#define ALIDADE_AGENT_CLI_NODE_STATUS_TEXT_H_

#include <string>

#include "agent/cli/output_flags.h"
#include "observer/observer.pb.h"

namespace alidade {

// Lines of a response that holds a node status, in the form of `format`. Empty for states that are
// as they should be, unless `debug` is set.
std::string NodeStatusText(const observer::GetFlowsResponse& response, OutputFormat format,
                           TimeFormat time_format, bool debug);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_NODE_STATUS_TEXT_H_
