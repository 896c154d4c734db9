// SPDX-License-Identifier: Apache-2.0
//
// Everything that can be set for `alidade agent`, typed and checked once, before anything starts.
// A new option is a member here and a row in options.cc.
#ifndef ALIDADE_AGENT_OPTIONS_H_
#define ALIDADE_AGENT_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/capture/capture_options.h"
#include "agent/command_line.h"

namespace alidade {

enum class LogLevel : uint8_t { kError, kWarn, kInfo, kDebug };

// Where the Observer service is offered.
struct ListenOptions {
  // `host:port`, IPv6 in brackets, as gRPC takes them; `[::]:port` when the user gave no host.
  std::vector<std::string> addresses = {"127.0.0.1:4244"};
  bool insecure = false;  // an address that is not loopback may be served without TLS
  // PEM files, all of `addresses` or none; they may come and change later.
  std::string tls_cert_file;
  std::string tls_key_file;
  std::vector<std::string> tls_client_ca_files;              // empty: clients need no certificate
  std::string socket_path = "/var/run/alidade/hubble.sock";  // empty: no unix socket
  std::string socket_group;                                  // empty: `alidade` if there is one
  uint32_t socket_mode = 0660;
  uint32_t max_streams_per_client = 1024;
  absl::Duration keepalive_time = absl::Seconds(45);  // of silence, until a client is asked for
  absl::Duration keepalive_timeout = absl::Seconds(20);
  std::string peers_file;  // the nodes of the cluster for hubble-relay; empty: this one
  absl::Duration lost_event_send_interval = absl::Seconds(1);
};

// The store of flows.
struct StoreOptions {
  uint32_t capacity = 4095;  // events; 2^n - 1, 1 to 65535
  uint64_t bytes = 0;        // of all events together; 0: 1024 for each slot

  uint64_t arena_bytes() const { return bytes != 0 ? bytes : (uint64_t{capacity} + 1) * 1024; }
};

// How this node is called in flows.
struct NodeOptions {
  std::string name;  // never empty once parsed
  std::string cluster = "default";
};

struct AgentOptions {
  ListenOptions listen;
  StoreOptions store;
  CaptureOptions capture;
  std::string world_file;  // tables that names are resolved from; empty: what this host knows
  NodeOptions node;
  LogLevel log_level = LogLevel::kInfo;
  std::string seccomp_profile;  // file of the only system calls allowed; empty: all
  bool cleanup = false;         // only remove what a killed agent left
};

// The value of an environment variable, null when it is not set.
using Environment = std::function<const char*(const char* name)>;

// Reads the options from the command line, the environment (ALIDADE_<FLAG>), the file that
// --config names, and the defaults; the first of these that has an option decides it.
// Errors: kInvalidArgument with one line that names where the value came from, the value, and what
//         would be right; kCancelled with the help text when help was asked for.
absl::StatusOr<AgentOptions> ParseAgentOptions(const Arguments& arguments,
                                               const Environment& environment);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OPTIONS_H_
