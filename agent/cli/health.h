// SPDX-License-Identifier: Apache-2.0
//
// The client side of grpc.health.v1.Health/Check.
#ifndef ALIDADE_AGENT_CLI_HEALTH_H_
#define ALIDADE_AGENT_CLI_HEALTH_H_

#include <chrono>
#include <memory>
#include <string>

#include "grpcpp/grpcpp.h"

namespace alidade {

// The service name under which Hubble servers report their health.
inline constexpr char kObserverHealthService[] = "hubble.server.Observer";

// grpc.health.v1.HealthCheckResponse.ServingStatus.
enum class ServingStatus { kUnknown = 0, kServing = 1, kNotServing = 2, kServiceUnknown = 3 };

const char* ServingStatusName(ServingStatus status);

// Asks for the health of `service`; `serving` is written when the call succeeds.
grpc::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                         std::chrono::system_clock::time_point deadline, ServingStatus* serving);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_HEALTH_H_
