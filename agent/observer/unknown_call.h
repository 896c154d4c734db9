// SPDX-License-Identifier: Apache-2.0
//
// A call to a method or service that is not there: answered with Go's words for it, where gRPC
// C++ says nothing (contract 1.1).
#ifndef ALIDADE_AGENT_OBSERVER_UNKNOWN_CALL_H_
#define ALIDADE_AGENT_OBSERVER_UNKNOWN_CALL_H_

#include "agent/observer/serving_loop.h"
#include "grpcpp/generic/async_generic_service.h"

namespace alidade {

class UnknownCall final : public CompletionTag {
 public:
  // Asks for the next such call. The object owns itself.
  static void Expect(grpc::AsyncGenericService* service, ServingLoop* loop);

  void OnComplete(bool ok) override;

 private:
  UnknownCall(grpc::AsyncGenericService* service, ServingLoop* loop);

  grpc::AsyncGenericService* const service_;
  ServingLoop* const loop_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  bool answered_ = false;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_UNKNOWN_CALL_H_
