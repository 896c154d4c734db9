// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/server_flags.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/cli/flag_values.h"
#include "agent/config_file.h"
#include "agent/filter/go_text.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

constexpr char kConfig[] = "config";

void AddTlsFlags(FlagSet* set, ServerFlags* flags) {
  set->AddSwitch("tls", "speak TLS; also meant by tls:// before the server", &flags->tls);
  set->AddSwitch("tls-allow-insecure",
                 "speak TLS with whoever answers, without a look at the certificate",
                 &flags->allow_insecure);
  set->AddList("tls-ca-cert-files", "FILE",
               "certificates (PEM), one of which issued the server's; comma-separated",
               &flags->ca_files);
  set->AddText("tls-client-cert-file", "FILE", "own certificate (PEM)", &flags->cert_file);
  set->AddText("tls-client-key-file", "FILE", "its private key (PEM)", &flags->key_file);
  set->AddText("tls-server-name", "NAME", "name in the server's certificate", &flags->server_name);
  set->AddText("basic-auth-username", "NAME", "user name for a proxy; needs TLS",
               &flags->user_name);
  set->AddText("basic-auth-password", "TEXT", "password of that user", &flags->password);
}

void AddPortForwardFlags(FlagSet* set, PortForward* forward) {
  set->AddSwitch("port-forward",
                 "not done here: says how kubectl reaches hubble-relay from this host",
                 &forward->wanted)
      ->letter = 'P';
  Flag* const port =
      set->AddNumber("port-forward-port", "port of this host for -P; 0: any", &forward->port);
  port->shown_default = absl::StrCat(forward->port);
  port->take = [forward](const std::string& text) {
    ASSIGN_OR_RETURN(forward->port, ParseGoUint(text, 0, 16));
    return absl::OkStatus();
  };
  set->AddText("kubeconfig", "FILE", "of the cluster, for -P", &forward->kubeconfig);
  set->AddText("kube-context", "NAME", "in that file, for -P", &forward->context);
  set->AddText("kube-namespace", "NAME", "that hubble-relay runs in, for -P",
               &forward->kube_namespace);
}

std::string VariableOf(const std::string& prefix, const Flag& flag) {
  return absl::StrCat(prefix, absl::AsciiStrToUpper(absl::StrReplaceAll(flag.name, {{"-", "_"}})));
}

absl::Status TakeFrom(const std::string& label, const std::string& value, Flag* flag) {
  absl::Status status = flag->take(value);
  if (status.ok()) {
    flag->is_given = true;
    return status;
  }
  return absl::InvalidArgumentError(absl::StrCat("invalid value ", GoQuote(value), " of ", label,
                                                 ": ", std::string(status.message())));
}

// Empty counts as not set.
absl::Status ReadEnvironment(const Environment& environment, const std::vector<Flag*>& flags) {
  for (Flag* const flag : flags) {
    for (const char* const prefix : {"ALIDADE_", "HUBBLE_"}) {
      // The agent has other options of the same names in variables that begin with ALIDADE_.
      if (prefix[0] == 'A' && flag->name != "server") continue;
      const std::string variable = VariableOf(prefix, *flag);
      const char* const text = environment(variable.c_str());
      if (flag->is_given || text == nullptr || *text == '\0') continue;
      RETURN_IF_ERROR(TakeFrom(variable, text, flag));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadConfig(const std::string& path, const std::vector<Flag*>& flags) {
  std::vector<std::string> names;
  names.reserve(flags.size());
  for (const Flag* flag : flags) names.push_back(flag->name);
  ASSIGN_OR_RETURN(const std::vector<ConfigEntry> entries, ReadConfigFile(path));
  for (const ConfigEntry& entry : entries) {
    const std::string label = absl::StrCat(path, ":", entry.line, ": ", entry.key);
    const auto found = std::find(names.begin(), names.end(), entry.key);
    if (found == names.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(label, ": unknown key", DidYouMean(entry.key, names)));
    }
    Flag* const flag = flags[static_cast<size_t>(found - names.begin())];
    if (flag->is_given) continue;
    if (!flag->takes_many && entry.values.size() != 1) {
      return absl::InvalidArgumentError(label + ": takes one value, not a list");
    }
    for (const std::string& value : entry.values) RETURN_IF_ERROR(TakeFrom(label, value, flag));
  }
  return absl::OkStatus();
}

absl::Status Check(const ServerFlags& flags) {
  const auto invalid = [](const char* problem) {
    return absl::InvalidArgumentError(absl::StrCat("invalid flag(s): ", problem));
  };
  if (flags.user_name.empty() != flags.password.empty()) {
    return invalid("must specify both basic-auth-username and basic-auth-password");
  }
  if (flags.cert_file.empty() != flags.key_file.empty()) {
    return invalid("certificate and private key are both required, but only one was provided");
  }
  if (!flags.cert_file.empty() && !flags.uses_tls()) {
    return invalid("transport layer security required");
  }
  return absl::OkStatus();
}

}  // namespace

bool ServerFlags::uses_tls() const { return tls || absl::StartsWith(target, "tls://"); }

void AddServerFlags(FlagSet* set, ServerFlags* flags) {
  set->Group("Server", /*is_bound=*/true);
  set->AddText("server", "TARGET", "server to ask: HOST:PORT, unix:///PATH or tls://HOST:PORT",
               &flags->target);
  set->AddDuration("timeout", "longest wait for the connection", &flags->dial_timeout);
  set->AddDuration("request-timeout", "longest wait for what is one answer, not a stream",
                   &flags->request_timeout);
  AddTlsFlags(set, flags);
  AddPortForwardFlags(set, &flags->port_forward);
  set->Group("Everywhere", /*is_bound=*/true);
  set->AddText(kConfig, "FILE", "YAML file with these flags as keys", &flags->config_file);
  set->AddSwitch("debug", "say on stderr what is done", &flags->debug)->letter = 'D';
}

absl::Status ParseClientFlags(const Arguments& arguments, const Environment& environment,
                              FlagSet* set, ServerFlags* flags) {
  RETURN_IF_ERROR(set->Parse(arguments));
  const std::vector<Flag*> bound = set->bound();
  RETURN_IF_ERROR(ReadEnvironment(environment, bound));
  if (!flags->config_file.empty()) RETURN_IF_ERROR(ReadConfig(flags->config_file, bound));
  return Check(*flags);
}

absl::Status CheckPortForward(const PortForward& forward) {
  if (!forward.wanted) return absl::OkStatus();
  std::string kubectl = "kubectl";
  if (!forward.kubeconfig.empty()) {
    absl::StrAppend(&kubectl, " --kubeconfig ", forward.kubeconfig);
  }
  if (!forward.context.empty()) absl::StrAppend(&kubectl, " --context ", forward.context);
  absl::StrAppend(&kubectl, " -n ", forward.kube_namespace, " port-forward service/hubble-relay ",
                  forward.port, ":80");
  return absl::UnimplementedError(
      absl::StrCat("--port-forward is not done here; run `", kubectl, "` beside it and give ",
                   forward.port == 0 ? "the port that it names with --server"
                                     : absl::StrCat("--server localhost:", forward.port)));
}

}  // namespace alidade
