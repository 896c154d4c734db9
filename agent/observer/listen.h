// SPDX-License-Identifier: Apache-2.0
//
// What has to be right before gRPC binds a listener: its own errors name neither the address nor
// the reason, and it removes socket files without asking who uses them.
#ifndef ALIDADE_AGENT_OBSERVER_LISTEN_H_
#define ALIDADE_AGENT_OBSERVER_LISTEN_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace alidade {

// `host:port` with the host taken apart.
struct TcpAddress {
  std::string host;  // without brackets; empty: every address of both families
  std::string port;

  // As gRPC takes it, IPv6 in brackets.
  std::string ToString() const;
  bool is_loopback() const;
};

// Errors: INVALID_ARGUMENT, naming `text`, when it is no host and port.
absl::StatusOr<TcpAddress> ParseTcpAddress(const std::string& text);

// Binds `address` and lets go of it again.
// Errors: UNAVAILABLE in one line that names the address and the system's reason.
absl::Status ProbeTcpAddress(const TcpAddress& address);

// Makes room for a unix socket at `path`: creates the folder, and removes a socket file that nobody
// answers on.
// Errors: ALREADY_EXISTS when a server answers there or the path is no socket; INVALID_ARGUMENT
//         when it is too long; otherwise with the system's reason. All name the path.
absl::Status PrepareSocketPath(const std::string& path);

// Who may use a unix socket.
struct SocketAccess {
  std::string group;  // empty: `alidade` if there is such a group
  mode_t mode = 0660;
};

// Gives a bound socket its group and mode. Returns a warning when that was not possible: the socket
// is for its owner only then.
std::string ApplySocketAccess(const std::string& path, const SocketAccess& access);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_LISTEN_H_
