// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/health.h"

#include <string>
#include <utility>
#include <vector>

#include "agent/filter/wire.h"
#include "agent/observer/single_response.h"
#include "agent/status_macros.h"
#include "grpcpp/support/slice.h"

namespace alidade {
namespace {

// What `hubble status` asks for; it is no service of the API.
constexpr std::string_view kObserverName = "hubble.server.Observer";

constexpr uint32_t kServiceField = 1;  // HealthCheckRequest.service
constexpr uint32_t kStatusField = 1;   // HealthCheckResponse.status
enum ServingStatus : uint64_t { kServing = 1, kServiceUnknown = 3 };

absl::StatusOr<bool> IsServed(grpc::ByteBuffer* request) {
  std::vector<grpc::Slice> slices;
  if (!request->Dump(&slices).ok()) return absl::InternalError("the request cannot be read");
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  const std::string_view name = FindBytes(bytes, kServiceField).value_or("");
  return name.empty() || name == kObserverName;
}

std::unique_ptr<Responder> Respond(ServingStatus status, SingleResponse::Then then) {
  std::string message;
  AppendNumber(kStatusField, status, &message);
  return std::make_unique<SingleResponse>(std::move(message), then);
}

}  // namespace

ResponderOr StartHealthCheck(const CallStart& call) {
  ASSIGN_OR_RETURN(const bool served, IsServed(call.request));
  if (!served) return absl::NotFoundError("unknown service");
  return Respond(kServing, SingleResponse::Then::kEnd);
}

ResponderOr StartHealthWatch(const CallStart& call) {
  ASSIGN_OR_RETURN(const bool served, IsServed(call.request));
  return Respond(served ? kServing : kServiceUnknown, SingleResponse::Then::kStayOpen);
}

}  // namespace alidade
