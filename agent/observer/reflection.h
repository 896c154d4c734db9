// SPDX-License-Identifier: Apache-2.0
//
// What the reflection service answers. Our own, because the one that comes with gRPC C++ 1.51 never
// clears an answer before the next, so that each carries the files of all before it, which sends
// `hubble reflect` round in circles. It also costs a thread and knows only the package v1alpha.
#ifndef ALIDADE_AGENT_OBSERVER_REFLECTION_H_
#define ALIDADE_AGENT_OBSERVER_REFLECTION_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace alidade {

// One stream of questions about the messages that are linked into the program.
// Thread: one at a time.
class ReflectionSession {
 public:
  // `services` are listed in this order; outlives the session.
  explicit ReflectionSession(const std::vector<std::string>& services) : services_(services) {}

  grpc::reflection::v1::ServerReflectionResponse Answer(
      const grpc::reflection::v1::ServerReflectionRequest& request);

 private:
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;

  absl::Status Fill(const Request& request, Response* response);
  // Adds `file` and what it imports; nullptr is an error.
  absl::Status AddFile(const google::protobuf::FileDescriptor* file, const std::string& asked,
                       Response* response);

  const std::vector<std::string>& services_;
  std::set<std::string_view> sent_;  // names of files
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_REFLECTION_H_
