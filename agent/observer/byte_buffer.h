// SPDX-License-Identifier: Apache-2.0
//
// Between gRPC's byte buffers and what is in them.
#ifndef ALIDADE_AGENT_OBSERVER_BYTE_BUFFER_H_
#define ALIDADE_AGENT_OBSERVER_BYTE_BUFFER_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/filter/concat.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/slice.h"
#include "grpcpp/support/status.h"

namespace alidade {

// Errors: INTERNAL, as gRPC servers answer what is no such message.
template <typename Message>
absl::StatusOr<Message> ParseBuffer(grpc::ByteBuffer* bytes) {
  Message message;
  grpc::ProtoBufferReader reader(bytes);
  if (!reader.status().ok() || !message.ParseFromZeroCopyStream(&reader)) {
    return absl::InternalError("the request cannot be parsed");
  }
  return message;
}

inline grpc::ByteBuffer ToBuffer(const std::string& message) {
  const grpc::Slice slice(message.data(), message.size());
  return grpc::ByteBuffer(&slice, 1);
}

// The codes are the same. A message travels in a header, of which clients take some kilobytes; a
// filter that it repeats may be longer than that.
inline grpc::Status ToGrpc(const absl::Status& status) {
  constexpr size_t kMostMessageBytes = 2000;
  std::string message(AsView(status.message()));
  if (message.size() > kMostMessageBytes) {
    size_t end = kMostMessageBytes;
    while (end > 0 && (message[end] & 0xc0) == 0x80) --end;  // not inside a UTF-8 character
    message.resize(end);
    message += "...";
  }
  return {static_cast<grpc::StatusCode>(status.code()), message};
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_BYTE_BUFFER_H_
