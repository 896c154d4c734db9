// SPDX-License-Identifier: Apache-2.0
//
// The flags of observe and status about which server to ask and how: names, defaults and messages
// of Hubble's client, but for the server, which here is this node's own agent.
#ifndef ALIDADE_AGENT_CLI_SERVER_FLAGS_H_
#define ALIDADE_AGENT_CLI_SERVER_FLAGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/cli/flag_set.h"

namespace alidade {

inline constexpr char kDefaultServer[] = "unix:///var/run/alidade/hubble.sock";

// What `hubble --port-forward` would do, which needs the Kubernetes API.
struct PortForward {
  bool wanted = false;
  uint64_t port = 4245;  // of this host
  std::string kubeconfig;
  std::string context;
  std::string kube_namespace = "kube-system";
};

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
  absl::Duration dial_timeout = absl::Seconds(5);      // until the connection stands
  absl::Duration request_timeout = absl::Seconds(12);  // of calls with one answer
  PortForward port_forward;
  std::string config_file;  // that gives flags their values; empty: none
  bool debug = false;       // say on stderr what is done

  bool uses_tls() const;
  // Whether a call carries a user's name and password.
  bool has_user() const { return !user_name.empty() && !password.empty(); }
};

// Adds the flags to `set`; `flags` outlives it.
void AddServerFlags(FlagSet* set, ServerFlags* flags);

// Parses `arguments`, then gives the bound flags that are not among them their values from the
// environment (HUBBLE_<FLAG>; the server also, and first, from ALIDADE_SERVER) or else from the
// configuration file, as Hubble's client does; and checks them against each other. That file is
// read only when it is named: Hubble's own usual one names the relay of a cluster.
// Errors: as FlagSet::Parse, and kInvalidArgument for values and combinations that are wrong.
absl::Status ParseClientFlags(const Arguments& arguments, const Environment& environment,
                              FlagSet* set, ServerFlags* flags);

// Errors: kUnimplemented, with the command that does it: a port is to be forwarded.
absl::Status CheckPortForward(const PortForward& forward);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_SERVER_FLAGS_H_
