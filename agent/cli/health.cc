// SPDX-License-Identifier: Apache-2.0
//
// gRPC's C++ packages carry no generated code for the health protocol. Its request is one string
// in field 1 and its response one enum in field 1, which are the wire formats of StringValue and
// Int32Value; so these stand in for the two messages.
#include "agent/cli/health.h"

#include "google/protobuf/wrappers.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/proto_utils.h"

namespace alidade {

const char* ServingStatusName(ServingStatus status) {
  switch (status) {
    case ServingStatus::kUnknown:
      return "UNKNOWN";
    case ServingStatus::kServing:
      return "SERVING";
    case ServingStatus::kNotServing:
      return "NOT_SERVING";
    case ServingStatus::kServiceUnknown:
      return "SERVICE_UNKNOWN";
  }
  return "UNKNOWN";
}

grpc::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                         std::chrono::system_clock::time_point deadline, ServingStatus* serving) {
  using Request = google::protobuf::StringValue;
  using Response = google::protobuf::Int32Value;
  Request request;
  request.set_value(service);
  Response response;
  grpc::ClientContext context;
  context.set_deadline(deadline);

  grpc::CompletionQueue queue;
  grpc::TemplatedGenericStub<Request, Response> stub(channel);
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);  // the deadline bounds the wait
  if (status.ok()) *serving = static_cast<ServingStatus>(response.value());
  return status;
}

}  // namespace alidade
