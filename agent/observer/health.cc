// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/health.h"

#include <atomic>
#include <optional>

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

HealthCheckResponse Health(bool serving) {
  HealthCheckResponse response;
  response.set_status(serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING);
  return response;
}

// Tells that the server does not serve yet, and then that it does. The end of serving is the end of
// the stream.
class HealthWatch final : public Responder {
 public:
  explicit HealthWatch(const std::atomic<bool>& serving) : serving_(serving) {}

  Step Next(std::string* message) override {
    const bool serving = serving_;
    if (told_ == serving) return serving ? Step::kPark : Step::kWait;
    told_ = serving;
    *message = Health(serving).SerializeAsString();
    return Step::kMessage;
  }

 private:
  const std::atomic<bool>& serving_;
  std::optional<bool> told_;
};

}  // namespace

ResponderOr StartHealthCheck(const CallStart& call) {
  ASSIGN_OR_RETURN(const bool served, IsServed(call.request));
  if (!served) return absl::NotFoundError("unknown service");
  return RespondOnce(Health(call.state.serving));
}

ResponderOr StartHealthWatch(const CallStart& call) {
  ASSIGN_OR_RETURN(const bool served, IsServed(call.request));
  if (served) return std::make_unique<HealthWatch>(call.state.serving);
  HealthCheckResponse response;
  response.set_status(HealthCheckResponse::SERVICE_UNKNOWN);
  return std::make_unique<SingleResponse>(response.SerializeAsString(),
                                          SingleResponse::Then::kStayOpen);
}

}  // namespace alidade
