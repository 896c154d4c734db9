// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/call.h"

#include <utility>

#include "agent/observer/byte_buffer.h"
#include "agent/observer/metadata.h"

namespace alidade {
void Call::Expect(const CallTarget& target) {
  auto* call = new Call(target);
  call->context_.AsyncNotifyWhenDone(&call->gone_tag_);
  target.service->Request(target.index, &call->context_, &call->request_, &call->writer_,
                          target.loop->queue(), &call->requested_tag_);
}

Call::Call(const CallTarget& target) : target_(target), writer_(&context_) {}

Call::~Call() { target_.loop->Remove(this); }

void Call::OnRequested(bool ok) {
  if (!ok) {  // the server shuts down; gRPC 1.51 then never sends the gone tag
    delete this;
    return;
  }
  Expect(target_);
  target_.loop->Add(this);
  AddVersionHeader(&context_);
  ResponderOr responder = target_.method->start(CallStart{
      *target_.state, &request_, context_.peer(), SplitPath(target_.method->path).method});
  request_.Clear();
  if (!responder.ok()) {
    Finish(ToGrpc(responder.status()));
    return;
  }
  responder_ = *std::move(responder);
  Advance();
}

void Call::OnOperation(bool ok) {
  busy_ = false;
  if (gone_ || finishing_) {
    DeleteIfOver();
  } else if (ok) {
    Advance();
  }
  // Otherwise the client is gone; the gone tag is on its way.
}

void Call::OnGone(bool /*ok*/) {
  gone_ = true;
  DeleteIfOver();
}

void Call::DeleteIfOver() {
  if (gone_ && !busy_) delete this;
}

void Call::OnClose() {
  if (!busy_ && !finishing_ && !gone_) Advance();
}

void Call::Advance() {
  if (gone_ || finishing_) return;
  if (target_.loop->closing()) {
    // Not OK: hubble-relay would take that for the end of this node (contract 2.5).
    Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down"));
    return;
  }
  for (bool armed = false;;) {
    const Step step = responder_->Next(&next_);
    if (step == Step::kMessage) {
      const bool write = has_pending_;
      if (write) Write(/*more_follows=*/true);
      std::swap(pending_, next_);
      has_pending_ = true;
      if (write) return;
    } else if (step == Step::kDone) {
      has_pending_ ? WriteAndFinish() : Finish(grpc::Status::OK);
      return;
    } else if (has_pending_) {
      Write(/*more_follows=*/false);
      has_pending_ = false;
      return;
    } else if (step == Step::kWait && headers_sent_ && !armed) {
      target_.loop->ArmWake();
      armed = true;  // and look again
    } else {
      Rest(step);
      return;
    }
  }
}

void Call::Rest(Step step) {
  if (step == Step::kYield) {
    target_.loop->Ready(this);
  } else if (!headers_sent_) {
    SendHeaders();
  } else if (step == Step::kWait) {
    target_.loop->Wait(this);
  }
}

// Lets the client know that the stream is open before there is something to send.
void Call::SendHeaders() {
  busy_ = true;
  headers_sent_ = true;
  writer_.SendInitialMetadata(&operation_tag_);
}

void Call::Write(bool more_follows) {
  grpc::WriteOptions options;
  if (more_follows && wrote_) options.set_buffer_hint();
  busy_ = true;
  headers_sent_ = true;
  wrote_ = true;
  target_.loop->NoteWrite();
  writer_.Write(ToBuffer(pending_), options, &operation_tag_);
}

void Call::WriteAndFinish() {
  busy_ = true;
  finishing_ = true;
  has_pending_ = false;
  writer_.WriteAndFinish(ToBuffer(pending_), grpc::WriteOptions(), grpc::Status::OK,
                         &operation_tag_);
}

void Call::Finish(const grpc::Status& status) {
  busy_ = true;
  finishing_ = true;
  writer_.Finish(status, &operation_tag_);
}

}  // namespace alidade
