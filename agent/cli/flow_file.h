// SPDX-License-Identifier: Apache-2.0
//
// Flows from a file instead of a server: lines of `observe -o json` or of a flow log.
#ifndef ALIDADE_AGENT_CLI_FLOW_FILE_H_
#define ALIDADE_AGENT_CLI_FLOW_FILE_H_

#include <functional>
#include <istream>
#include <string>

#include "absl/status/status.h"
#include "observer/observer.pb.h"

namespace alidade {

// Takes one response; false: no more are wanted.
using FlowSink = std::function<bool(const observer::GetFlowsResponse& response)>;

// Answers `request` from the lines of `input`, in their order; follow and the field mask have no
// meaning here. Filters, since and until go before number. `report_bad_line` is told of each line
// that is no JSON of a GetFlowsResponse; the line is left out.
// Errors: what compiling the filters says; kUnavailable when the input fails.
absl::Status ReadFlowFile(std::istream& input, const observer::GetFlowsRequest& request,
                          const std::function<void(const std::string& problem)>& report_bad_line,
                          const FlowSink& sink);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FLOW_FILE_H_
