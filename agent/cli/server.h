// SPDX-License-Identifier: Apache-2.0
//
// The server that observe and status ask: an alidade agent, a Hubble server or hubble-relay.
#ifndef ALIDADE_AGENT_CLI_SERVER_H_
#define ALIDADE_AGENT_CLI_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/command_line.h"
#include "grpcpp/grpcpp.h"

namespace alidade {

inline constexpr char kDefaultServer[] = "unix:///var/run/alidade/hubble.sock";

// Which server to ask, and how.
struct ServerFlags {
  std::string target = kDefaultServer;  // any name that gRPC resolves: `host:port`, `unix:///path`
  bool tls = false;                     // also meant by `tls://` before the target
  // PEM files.
  std::vector<std::string> ca_files;  // empty: those of the system
  std::string cert_file;              // of this client; empty: none
  std::string key_file;
  std::string server_name;      // that the server's certificate must have; empty: the target's host
  bool allow_insecure = false;  // do not look at the server's certificate at all
  // Of HTTP basic authentication, which a proxy before the server may ask for.
  std::string user_name;  // empty: none
  std::string password;

  bool uses_tls() const;
};

// Adds the flags to `app`, with the names that Hubble's client has; --server is also read from
// ALIDADE_SERVER. `flags` outlives `app`.
void AddServerFlags(CLI::App* app, ServerFlags* flags);

// A channel to the server. Does not wait for the connection.
// Errors: NOT_FOUND with the name of a file that cannot be read.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ServerFlags& flags);

// Adds what a proxy wants to know to a call. Errors: kInvalidArgument: it would go out in the
// clear.
absl::Status Authorize(const ServerFlags& flags, grpc::ClientContext* context);

// `CODE: message` on one line.
std::string DescribeFailure(const grpc::Status& status);

// As Hubble's client tells it: the message alone of UNKNOWN, which is what servers say of a bad
// request, otherwise with the code. One line.
std::string DescribeCallFailure(const grpc::Status& status);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_SERVER_H_
