// SPDX-License-Identifier: Apache-2.0
//
// Every method that the server has, and what answers it. Reflection, which is a stream both ways,
// is apart (reflection_call.h).
#ifndef ALIDADE_AGENT_OBSERVER_METHODS_H_
#define ALIDADE_AGENT_OBSERVER_METHODS_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "agent/observer/responder.h"
#include "agent/observer/server_state.h"
#include "grpcpp/support/byte_buffer.h"

namespace alidade {

// One call when it starts.
struct CallStart {
  ServerState& state;
  grpc::ByteBuffer* request;
  std::string peer;         // as gRPC names it: `unix:`, `ipv4:127.0.0.1:4711`
  std::string_view method;  // without the service
};

using ResponderOr = absl::StatusOr<std::unique_ptr<Responder>>;

struct Method {
  const char* path;  // `/package.Service/Method`
  // Errors: the status that the call ends with.
  ResponderOr (*start)(const CallStart& call);
};

// Methods of one service stand together.
std::span<const Method> Methods();

// `package.Service` and `Method` of a path; both empty when it is malformed.
struct PathParts {
  std::string_view service;
  std::string_view method;
};
PathParts SplitPath(std::string_view path);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_METHODS_H_
