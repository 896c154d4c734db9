// SPDX-License-Identifier: Apache-2.0
//
// The server that observe and status ask: an alidade agent, a Hubble server or hubble-relay.
#ifndef ALIDADE_AGENT_CLI_SERVER_H_
#define ALIDADE_AGENT_CLI_SERVER_H_

#include <memory>
#include <string>

#include "agent/command_line.h"
#include "grpcpp/grpcpp.h"

namespace alidade {

inline constexpr char kDefaultServer[] = "unix:///var/run/alidade/hubble.sock";

// Adds the flag --server, also read from ALIDADE_SERVER, to `app`; `target` outlives `app`.
void AddServerFlag(CLI::App* app, std::string* target);

// A plaintext channel to `target`: any name that gRPC resolves (`host:port`, `unix:///path`).
// Does not wait for the connection.
std::shared_ptr<grpc::Channel> Connect(const std::string& target);

// `CODE: message` on one line.
std::string DescribeFailure(const grpc::Status& status);

// As Hubble's client tells it: the message alone of UNKNOWN, which is what servers say of a bad
// request, otherwise with the code. One line.
std::string DescribeCallFailure(const grpc::Status& status);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_SERVER_H_
