// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/reflection_call.h"

#include "agent/observer/byte_buffer.h"
#include "agent/observer/metadata.h"

namespace alidade {

void ReflectionCall::Expect(const ReflectionTarget& target) {
  auto* call = new ReflectionCall(target);
  call->context_.AsyncNotifyWhenDone(&call->gone_tag_);
  target.service->RequestStream(target.index, &call->context_, &call->stream_, target.loop->queue(),
                                &call->requested_tag_);
}

ReflectionCall::ReflectionCall(const ReflectionTarget& target)
    : target_(target), session_(*target.service_names), stream_(&context_) {}

ReflectionCall::~ReflectionCall() { target_.loop->Remove(this); }

void ReflectionCall::OnRequested(bool ok) {
  if (!ok) {
    delete this;
    return;
  }
  Expect(target_);
  target_.loop->Add(this);
  AddVersionHeader(&context_);
  Read();
}

void ReflectionCall::Read() {
  busy_ = true;
  stream_.Read(&request_, &read_tag_);
}

void ReflectionCall::OnRead(bool ok) {
  using grpc::reflection::v1::ServerReflectionRequest;
  busy_ = false;
  if (gone_) {
    DeleteIfOver();
    return;
  }
  busy_ = true;
  if (!ok) {
    stream_.Finish(grpc::Status::OK, &finished_tag_);
    return;
  }
  const absl::StatusOr<ServerReflectionRequest> request =
      ParseBuffer<ServerReflectionRequest>(&request_);
  if (!request.ok()) {
    stream_.Finish(ToGrpc(request.status()), &finished_tag_);
    return;
  }
  stream_.Write(ToBuffer(session_.Answer(*request).SerializeAsString()), &written_tag_);
}

void ReflectionCall::OnWritten(bool ok) {
  busy_ = false;
  if (gone_) {
    DeleteIfOver();
  } else if (ok) {
    Read();
  }
  // Otherwise the client is gone; the gone tag is on its way.
}

void ReflectionCall::OnFinished(bool /*ok*/) {
  busy_ = false;
  DeleteIfOver();
}

void ReflectionCall::OnGone(bool /*ok*/) {
  gone_ = true;
  DeleteIfOver();
}

void ReflectionCall::DeleteIfOver() {
  if (gone_ && !busy_) delete this;
}

}  // namespace alidade
