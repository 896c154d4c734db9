// SPDX-License-Identifier: Apache-2.0
//
// The server that observe and status ask: an alidade agent, a Hubble server or hubble-relay.
#ifndef ALIDADE_AGENT_CLI_SERVER_H_
#define ALIDADE_AGENT_CLI_SERVER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/cli/server_flags.h"
#include "grpcpp/grpcpp.h"

namespace alidade {

// What the flags about TLS name, as PEM text.
struct TlsMaterial {
  std::string authorities;  // empty: those of the system
  std::string certificate;  // of this client; empty: none
  std::string key;
};

// Errors: kInvalidArgument, in the words of Hubble's client: a file that cannot be read, or is not
// PEM. Nothing is read without TLS.
absl::StatusOr<TlsMaterial> ReadTlsMaterial(const ServerFlags& flags);

// A channel to the server. Does not wait for the connection. Sets what gRPC reads from the
// environment when it starts: it shall say nothing by itself unless flag debug is set.
// Errors: kInvalidArgument: no target, or a user's password that would go out in the clear.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ServerFlags& flags,
                                                       const TlsMaterial& material);

// Adds what a proxy wants to know to a call.
void Authorize(const ServerFlags& flags, grpc::ClientContext* context);

// `CODE: message` on one line.
std::string DescribeFailure(const grpc::Status& status);

// As Hubble's client tells it: the message alone of UNKNOWN, which is what servers say of a bad
// request, otherwise with the code. One line.
std::string DescribeCallFailure(const grpc::Status& status);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_SERVER_H_
