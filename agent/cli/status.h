// SPDX-License-Identifier: Apache-2.0
//
// `alidade status`: asks a server how it is. Also the health check of a container.
#ifndef ALIDADE_AGENT_CLI_STATUS_H_
#define ALIDADE_AGENT_CLI_STATUS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/cli/server.h"
#include "agent/cli/status_report.h"
#include "agent/command_line.h"
#include "grpcpp/grpcpp.h"

namespace alidade {

// Returns 0 when the server is healthy, 1 with a reason on stderr when it is not, kExitUsage when
// the flags are wrong.
int RunStatus(const Arguments& arguments);

// Asks the health service, then, when the server is serving, the Observer and Agent services; all
// within its request timeout. A server without the Agent service (a genuine Hubble server) is in
// order. Errors: the first call that failed, as one line for the user.
absl::StatusOr<StatusReport> AskStatus(const std::shared_ptr<grpc::Channel>& channel,
                                       const ServerFlags& server);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_STATUS_H_
