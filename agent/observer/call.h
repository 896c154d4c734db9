// SPDX-License-Identifier: Apache-2.0
//
// The life of one call: it waits to be requested, asks its responder for messages, writes them one
// after another, and ends. Messages are looked ahead by one: gRPC is told with each write whether
// another follows at once (buffer_hint), so that a burst is flushed once.
//
// Two rules about the hint, learned from gRPC 1.51: the first write of a stream never carries it,
// since the stream would not start, and the last of a burst does not, since nothing would flush it.
#ifndef ALIDADE_AGENT_OBSERVER_CALL_H_
#define ALIDADE_AGENT_OBSERVER_CALL_H_

#include <memory>
#include <optional>
#include <string>

#include "agent/observer/methods.h"
#include "agent/observer/raw_service.h"
#include "agent/observer/serving_loop.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/status.h"

namespace alidade {

// What calls of one method on one loop have in common. Outlives them.
struct CallTarget {
  RawService* service;
  int index;  // of the method in `service`
  const Method* method;
  ServerState* state;
  ServingLoop* loop;
};

class Call final : public LoopClient {
 public:
  // Asks the server for the next call of `target`. The call owns itself.
  // Thread: the loop's, or any before the loop has started.
  static void Expect(const CallTarget& target);

  void OnTurn() override { Advance(); }
  void OnClose() override;
  std::optional<int64_t> wake_ns() const override { return responder_->wake_ns(); }

 private:
  using Step = Responder::Step;

  explicit Call(const CallTarget& target);
  ~Call() override;

  void OnRequested(bool ok);
  void OnOperation(bool ok);
  void OnGone(bool ok);

  // Does the next thing; there is no operation under way.
  void Advance();
  // Acts on a step that brought no message when there is none to write either.
  void Rest(Step step);
  void SendHeaders();
  void Write(bool more_follows);
  void WriteAndFinish();
  void Finish(const grpc::Status& status);
  void DeleteIfOver();

  const CallTarget target_;
  grpc::ServerContext context_;
  grpc::ByteBuffer request_;
  RawWriter writer_;
  MemberTag<Call> requested_tag_{this, &Call::OnRequested};
  MemberTag<Call> operation_tag_{this, &Call::OnOperation};
  MemberTag<Call> gone_tag_{this, &Call::OnGone};

  std::unique_ptr<Responder> responder_;
  std::string pending_;  // a message that is not written yet
  std::string next_;     // scratch
  bool has_pending_ = false;
  bool busy_ = false;  // an operation is under way
  bool headers_sent_ = false;
  bool wrote_ = false;
  bool finishing_ = false;  // the status is under way or sent
  bool gone_ = false;       // gRPC is done with the call
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_CALL_H_
