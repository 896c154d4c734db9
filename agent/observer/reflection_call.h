// SPDX-License-Identifier: Apache-2.0
//
// A call of the reflection service: reads a question, writes its answer, until the client is
// through.
#ifndef ALIDADE_AGENT_OBSERVER_REFLECTION_CALL_H_
#define ALIDADE_AGENT_OBSERVER_REFLECTION_CALL_H_

#include <optional>
#include <string>
#include <vector>

#include "agent/observer/raw_service.h"
#include "agent/observer/reflection.h"
#include "agent/observer/serving_loop.h"
#include "grpcpp/server_context.h"

namespace alidade {

// What the calls of one reflection service have in common. Outlives them.
struct ReflectionTarget {
  RawService* service;
  int index;  // of the method in `service`
  const std::vector<std::string>* service_names;
  ServingLoop* loop;
};

class ReflectionCall final : public LoopClient {
 public:
  // Asks the server for the next call of `target`. The call owns itself.
  // Thread: the loop's, or any before the loop has started.
  static void Expect(const ReflectionTarget& target);

  void OnTurn() override {}
  // The call mostly waits for the client, and then cannot be ended but so.
  void OnClose() override { context_.TryCancel(); }
  std::optional<int64_t> wake_ns() const override { return std::nullopt; }

 private:
  explicit ReflectionCall(const ReflectionTarget& target);
  ~ReflectionCall() override;

  void OnRequested(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnFinished(bool ok);
  void OnGone(bool ok);

  void Read();
  void DeleteIfOver();

  const ReflectionTarget target_;
  ReflectionSession session_;
  grpc::ServerContext context_;
  RawStream stream_;
  grpc::ByteBuffer request_;
  MemberTag<ReflectionCall> requested_tag_{this, &ReflectionCall::OnRequested};
  MemberTag<ReflectionCall> read_tag_{this, &ReflectionCall::OnRead};
  MemberTag<ReflectionCall> written_tag_{this, &ReflectionCall::OnWritten};
  MemberTag<ReflectionCall> finished_tag_{this, &ReflectionCall::OnFinished};
  MemberTag<ReflectionCall> gone_tag_{this, &ReflectionCall::OnGone};
  bool busy_ = false;  // an operation is under way
  bool gone_ = false;  // gRPC is done with the call
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_REFLECTION_CALL_H_
