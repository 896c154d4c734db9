// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/health.h"

#include "agent/observer/byte_buffer.h"
#include "agent/observer/single_response.h"
#include "agent/status_macros.h"
#include "grpc/health/v1/health.pb.h"

namespace alidade {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// What `hubble status` asks for; it is no service of the API.
constexpr char kObserverName[] = "hubble.server.Observer";

absl::StatusOr<bool> IsServed(grpc::ByteBuffer* bytes) {
  ASSIGN_OR_RETURN(const HealthCheckRequest request, ParseBuffer<HealthCheckRequest>(bytes));
  return request.service().empty() || request.service() == kObserverName;
}

std::unique_ptr<Responder> Respond(HealthCheckResponse::ServingStatus status,
                                   SingleResponse::Then then) {
  HealthCheckResponse response;
  response.set_status(status);
  return std::make_unique<SingleResponse>(response.SerializeAsString(), then);
}

}  // namespace

ResponderOr StartHealthCheck(const CallStart& call) {
  ASSIGN_OR_RETURN(const bool served, IsServed(call.request));
  if (!served) return absl::NotFoundError("unknown service");
  return Respond(HealthCheckResponse::SERVING, SingleResponse::Then::kEnd);
}

ResponderOr StartHealthWatch(const CallStart& call) {
  ASSIGN_OR_RETURN(const bool served, IsServed(call.request));
  return Respond(served ? HealthCheckResponse::SERVING : HealthCheckResponse::SERVICE_UNKNOWN,
                 SingleResponse::Then::kStayOpen);
}

}  // namespace alidade
