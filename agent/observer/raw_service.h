// SPDX-License-Identifier: Apache-2.0
//
// A gRPC service whose calls are served from a completion queue as raw bytes: one request, any
// number of responses. A unary call looks the same on the wire as a stream of one.
//
// Why a service of our own and not the two ready-made ones. grpc::AsyncGenericService takes calls
// of every name, but services served by it are unknown to reflection, which lists what is
// registered with the builder. The generated AsyncService classes are listed, but have one
// differently named and typed request function for each method. This is what they expand to, with
// a number in place of the name, so that one state machine (call.h) and one table (methods.h) do
// for all.
#ifndef ALIDADE_AGENT_OBSERVER_RAW_SERVICE_H_
#define ALIDADE_AGENT_OBSERVER_RAW_SERVICE_H_

#include "grpcpp/completion_queue.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/async_stream.h"
#include "grpcpp/support/byte_buffer.h"

namespace alidade {

class RawService final : public grpc::Service {
 public:
  // Adds a method and returns its index. `path` is `/package.Service/Method` and must outlive the
  // service. All methods of one RawService belong to one service of the API.
  int Add(const char* path) {
    const int index = count_++;
    AddMethod(new grpc::internal::RpcServiceMethod(
        path, grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
    MarkMethodRaw(index);
    return index;
  }

  // Asks for the next call of a method. `tag` comes back from `queue` with the request read; all
  // arguments must live until then.
  void Request(int index, grpc::ServerContext* context, grpc::ByteBuffer* request,
               grpc::ServerAsyncWriter<grpc::ByteBuffer>* writer,
               grpc::ServerCompletionQueue* queue, void* tag) {
    RequestAsyncServerStreaming(index, context, request, writer, queue, queue, tag);
  }

 private:
  int count_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_RAW_SERVICE_H_
