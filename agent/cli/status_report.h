// SPDX-License-Identifier: Apache-2.0
//
// What `alidade status` found out, and the two ways to write it down.
#ifndef ALIDADE_AGENT_CLI_STATUS_REPORT_H_
#define ALIDADE_AGENT_CLI_STATUS_REPORT_H_

#include <optional>
#include <string>

#include "alidade/agent.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "observer/observer.pb.h"

namespace alidade {

using grpc::health::v1::HealthCheckResponse;

struct StatusReport {
  std::string target;
  HealthCheckResponse::ServingStatus serving = HealthCheckResponse::UNKNOWN;
  std::optional<observer::ServerStatusResponse> server;  // asked only when serving
  std::optional<GetStatusResponse> agent;                // absent: the server is no alidade agent
};

// Lines for people: first those of `hubble status`, word for word, then the agent's own.
std::string FormatStatusText(const StatusReport& report);

// One JSON object: target, health, server and agent (the messages in proto3 JSON with original
// field names).
std::string FormatStatusJson(const StatusReport& report);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_STATUS_REPORT_H_
