// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/unknown_call.h"

#include <algorithm>
#include <string>

#include "agent/filter/concat.h"
#include "agent/observer/metadata.h"
#include "agent/observer/methods.h"

namespace alidade {
namespace {

std::string Reason(std::string_view path) {
  const PathParts parts = SplitPath(path);
  const std::span<const Method> methods = Methods();
  const bool service_known = std::any_of(methods.begin(), methods.end(), [&](const Method& method) {
    return SplitPath(method.path).service == parts.service;
  });
  if (!service_known) return Concat("unknown service ", parts.service);
  return Concat("unknown method ", parts.method, " for service ", parts.service);
}

}  // namespace

UnknownCall::UnknownCall(grpc::AsyncGenericService* service, ServingLoop* loop)
    : service_(service), loop_(loop), stream_(&context_) {}

void UnknownCall::Expect(grpc::AsyncGenericService* service, ServingLoop* loop) {
  auto* call = new UnknownCall(service, loop);
  service->RequestCall(&call->context_, &call->stream_, loop->queue(), loop->queue(), call);
}

void UnknownCall::OnComplete(bool ok) {
  if (!ok || answered_) {
    delete this;
    return;
  }
  Expect(service_, loop_);
  answered_ = true;
  AddVersionHeader(&context_);
  stream_.Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, Reason(context_.method())), this);
}

}  // namespace alidade
