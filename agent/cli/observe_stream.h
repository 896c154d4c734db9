// SPDX-License-Identifier: Apache-2.0
//
// What observe and its subcommands have in common: a stream that is read to its end, or until the
// user interrupts it, which is no failure; and how they end.
#ifndef ALIDADE_AGENT_CLI_OBSERVE_STREAM_H_
#define ALIDADE_AGENT_CLI_OBSERVE_STREAM_H_

#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "agent/cli/server.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"

namespace alidade {

// While this lives, SIGINT cancels the call instead of ending the program. Thread: the only one of
// the program yet, since those that gRPC starts shall not take the signal: before Connect.
class EndedByInterrupt {
 public:
  explicit EndedByInterrupt(grpc::ClientContext* context);
  ~EndedByInterrupt();
  EndedByInterrupt(const EndedByInterrupt&) = delete;
  EndedByInterrupt& operator=(const EndedByInterrupt&) = delete;

 private:
  std::thread waiter_;
};

// Gives each response to `sink` until there are no more or it wants none. A call that was cancelled
// has ended well. Errors: kUnavailable in the words of Hubble's client: the call failed.
template <typename Response, typename Sink>
absl::Status ReadStream(grpc::ClientReader<Response>* stream, grpc::ClientContext* context,
                        const Sink& sink) {
  Response response;
  bool is_wanted = true;
  while (is_wanted && stream->Read(&response)) is_wanted = sink(response);
  if (!is_wanted) context->TryCancel();
  const grpc::Status status = stream->Finish();
  if (!is_wanted || status.ok() || status.error_code() == grpc::StatusCode::CANCELLED) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(DescribeCallFailure(status));
}

// Tells on stderr what will be asked of whom, for --debug.
void SayRequest(const ServerFlags& server, const google::protobuf::Message& request);

// The exit status; prints the help or the error first. As Hubble's client: 1 whatever was wrong.
int ReportObserved(const absl::Status& status);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_OBSERVE_STREAM_H_
