// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_OBSERVER_PARSE_REQUEST_H_
#define ALIDADE_AGENT_OBSERVER_PARSE_REQUEST_H_

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace alidade {

// Parses the bytes of a request. Errors: INTERNAL, as gRPC servers answer what is no such message.
template <typename Request>
absl::StatusOr<Request> ParseRequest(grpc::ByteBuffer* bytes) {
  Request request;
  grpc::ProtoBufferReader reader(bytes);
  if (!reader.status().ok() || !request.ParseFromZeroCopyStream(&reader)) {
    return absl::InternalError("the request cannot be parsed");
  }
  return request;
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_PARSE_REQUEST_H_
