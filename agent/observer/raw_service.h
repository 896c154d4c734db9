// SPDX-License-Identifier: Apache-2.0
//
// A gRPC service whose calls are served from a completion queue as raw bytes. A unary call looks
// the same on the wire as a stream of one response, so that there are two shapes: one request and
// any number of responses, and a stream both ways.
//
// Why a service of our own and not the two ready-made ones. grpc::AsyncGenericService takes calls
// of every name, but is given each request as a stream to be read, one more operation a call, and
// does not tell calls that nobody serves from others. The generated AsyncService classes have one
// differently named and typed request function for each method. This is what they expand to, with
// a number in place of the name, so that one state machine (call.h) and one table (methods.h) do
// for all; the generic service is left with what is unknown (unknown_call.h).
#ifndef ALIDADE_AGENT_OBSERVER_RAW_SERVICE_H_
#define ALIDADE_AGENT_OBSERVER_RAW_SERVICE_H_

#include "grpcpp/completion_queue.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"

namespace alidade {

using RawWriter = grpc::ServerAsyncWriter<grpc::ByteBuffer>;
using RawStream = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

class RawService final : public grpc::Service {
 public:
  // Add a method and return its index. `path` is `/package.Service/Method` and must outlive the
  // service. All methods of one RawService belong to one service of the API.
  int Add(const char* path) { return Add(path, grpc::internal::RpcMethod::SERVER_STREAMING); }
  int AddStream(const char* path) { return Add(path, grpc::internal::RpcMethod::BIDI_STREAMING); }

  // Ask for the next call of a method. `tag` comes back from `queue`, for Add with the request
  // read; all arguments must live until then.
  void Request(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
               RawWriter* writer, grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncServerStreaming(index, context, request, writer, queue, queue, tag);
  }
  void RequestStream(int index, grpc::ServerContext* context, RawStream* stream,
                     grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncBidiStreaming(index, context, stream, queue, queue, tag);
  }

 private:
  int Add(const char* path, grpc::internal::RpcMethod::RpcType type) {
    const int index = count_++;
    AddMethod(new grpc::internal::RpcServiceMethod(path, type, nullptr));
    MarkMethodRaw(index);
    return index;
  }

  int count_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_RAW_SERVICE_H_
