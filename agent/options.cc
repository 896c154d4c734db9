// SPDX-License-Identifier: Apache-2.0
//
// Options() is the list of options. A row binds a flag to a member of AgentOptions by one of the
// kinds in option_kinds.h, which knows how to check, set and print the value.
#include "agent/options.h"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/config_file.h"
#include "agent/option_kinds.h"
#include "agent/option_values.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

constexpr uint64_t kLeastArenaBytes = uint64_t{64} << 10;
constexpr uint64_t kMostArenaBytes = uint64_t{64} << 30;
constexpr uint32_t kMostKernelRingPages = 16384;
constexpr uint32_t kMostConnections = 16'777'216;
constexpr uint32_t kMostSampling = 1'000'000;
constexpr uint32_t kMostEventsRate = 1'000'000'000;
constexpr uint32_t kMostStreams = 1'000'000;
constexpr absl::Duration kLongestKeepalive = absl::Hours(24);

// The accessor of a member of AgentOptions, for the functions of option_kinds.h.
// NOLINTBEGIN(bugprone-macro-parentheses): a member, no expression
#define MEMBER(path) \
  [](AgentOptions & options) -> auto& { return options.path; }
// NOLINTEND(bugprone-macro-parentheses)

struct Option {
  const char* name;
  const char* placeholder;  // of the value in the help text
  const char* help;
  OptionKind kind;
};

const std::vector<Option>& Options() {
  static const auto* const table = new std::vector<Option>{
      {"listen-address", "HOST:PORT", "addresses to serve on; empty: none (repeatable)",
       AddressList(MEMBER(listen.addresses))},
      {"insecure-listen", "", "serve without TLS on addresses that are not loopback",
       Switch(MEMBER(listen.insecure))},
      {"tls-cert-file", "FILE", "certificate chain (PEM) to serve TLS with on every listen address",
       AbsolutePath(MEMBER(listen.tls_cert_file))},
      {"tls-key-file", "FILE", "private key (PEM) of that certificate",
       AbsolutePath(MEMBER(listen.tls_key_file))},
      {"tls-client-ca-files", "FILE",
       "certificates (PEM), one of which must have issued each client's; empty: clients need none "
       "(repeatable)",
       AbsolutePathList(MEMBER(listen.tls_client_ca_files))},
      {"socket-path", "FILE", "unix socket to serve on; empty: none",
       SocketPath(MEMBER(listen.socket_path))},
      {"socket-group", "NAME", "group that may use the socket; empty: alidade if there is one",
       PlainText(MEMBER(listen.socket_group))},
      {"socket-mode", "MODE", "permissions of the socket, octal",
       FileMode(MEMBER(listen.socket_mode))},
      {"max-streams-per-client", "N", "calls that one connection may have open",
       Number(1, kMostStreams, MEMBER(listen.max_streams_per_client))},
      {"keepalive-time", "DURATION",
       "silence after which a client is asked whether it is there; below what load balancers bear",
       DurationBetween(absl::Seconds(1), kLongestKeepalive, MEMBER(listen.keepalive_time))},
      {"keepalive-timeout", "DURATION",
       "longest wait for its answer, else its connection is closed",
       DurationBetween(absl::Seconds(1), kLongestKeepalive, MEMBER(listen.keepalive_timeout))},
      {"peers", "FILE", "the nodes that hubble-relay is told of, lines of NAME ADDRESS; watched",
       AbsolutePath(MEMBER(listen.peers_file))},
      {"lost-event-send-interval", "DURATION", "least time between two loss messages to a client",
       NonNegativeDuration(MEMBER(listen.lost_event_send_interval))},

      {"event-buffer-capacity", "N", "events that stay readable, one less than a power of two",
       RingCapacity(MEMBER(store.capacity))},
      {"event-buffer-bytes", "BYTES", "memory for these events; 0: 1024 for each",
       NumberOrZero(kLeastArenaBytes, kMostArenaBytes, MEMBER(store.bytes))},

      {"source", "SOURCE",
       "where events come from: ebpf, cilium (takes the node's perf ring from Cilium's own "
       "monitor), "
       "replay:FILE (a recording or a flow log)",
       SourceOption(MEMBER(capture.source))},
      {"cilium-events", "FILE", "the pinned perf event array of source cilium",
       AbsolutePath(MEMBER(capture.cilium_events))},
      {"replay-pace", "PACE", "how fast a recording is served",
       OneOf<ReplayPace>({{"recorded", ReplayPace::kRecorded}, {"fastest", ReplayPace::kFastest}},
                         MEMBER(capture.replay_pace))},
      {"replay-loop", "", "begin a recording again at its end",
       Switch(MEMBER(capture.replay_loop))},
      {"world", "FILE", "JSON file that says who owns which address (see alidade decode)",
       PlainText(MEMBER(world_file))},
      {"monitor-aggregation", "LEVEL", "how many packets of a connection are reported",
       OneOf<aggregation_level>({{"none", AGGREGATION_NONE},
                                 {"low", AGGREGATION_LOW},
                                 {"medium", AGGREGATION_MEDIUM},
                                 {"maximum", AGGREGATION_MAXIMUM}},
                                MEMBER(capture.aggregation))},
      {"monitor-aggregation-interval", "DURATION",
       "time between two reports of a living connection, at levels medium and maximum",
       NonNegativeDuration(MEMBER(capture.report_interval))},
      {"monitor-aggregation-flags", "FLAG",
       "TCP flags that are reported when a connection first shows them, at level medium "
       "(repeatable)",
       TcpFlags(MEMBER(capture.report_flags))},
      {"connections-max", "N", "connections that the kernel remembers, 136 bytes each",
       Number(1024, kMostConnections, MEMBER(capture.connections_max))},
      {"sampling", "N", "report one connection of so many; drops and socket calls always",
       Number(1, kMostSampling, MEMBER(capture.sampling))},
      {"events-rate-limit", "N", "events a second that each CPU may report; 0: no limit",
       Number(0, kMostEventsRate, MEMBER(capture.events_rate_limit))},
      {"events-source-rate-limit", "N",
       "likewise of one source (a pod, a peer's address, a cgroup), and a tenth as many drops, so "
       "that a flood leaves others room; 0: no limit",
       Number(0, kMostEventsRate, MEMBER(capture.events_source_rate_limit))},
      {"capture-length", "BYTES", "bytes of each packet that are looked at in user space",
       Number(0, MAX_CAPTURE_LENGTH, MEMBER(capture.capture_length))},
      {"debug-events", "",
       "the programs tell what they find out about each connection (hubble observe debug-events); "
       "many events",
       Switch(MEMBER(capture.debug_events))},
      {"kernel-ring-pages", "PAGES", "size of the ring that each CPU's events come through",
       PowerOfTwo(kMostKernelRingPages, MEMBER(capture.kernel_ring_pages))},
      {"tc-attach", "WAY", "how to attach to interfaces",
       OneOf<TcAttach>(
           {{"auto", TcAttach::kAuto}, {"tcx", TcAttach::kTcx}, {"clsact", TcAttach::kClsact}},
           MEMBER(capture.tc_attach))},
      {"attach-loopback", "", "see the packets of the loopback interface too",
       Switch(MEMBER(capture.attach_loopback))},
      {"interface-include", "PATTERN", "attach to these interfaces only, e.g. eth* (repeatable)",
       PatternList(MEMBER(capture.interface_include))},
      {"interface-exclude", "PATTERN", "do not attach to these interfaces (repeatable)",
       PatternList(MEMBER(capture.interface_exclude))},
      {"recvmsg-attach", "WHEN",
       "see what recvmsg tells of UDP sockets: while programs of others stand there, which may "
       "translate it (auto), or always, which costs each datagram some 100 ns",
       OneOf<RecvmsgAttach>({{"auto", RecvmsgAttach::kAuto}, {"always", RecvmsgAttach::kAlways}},
                            MEMBER(capture.recvmsg_attach))},
      {"cgroup-root", "FOLDER", "cgroup v2 mount to watch sockets in; empty: look for it",
       AbsolutePath(MEMBER(capture.cgroup_root))},

      {"node-name", "NAME", "of this node; empty: $K8S_NODE_NAME, else the host name",
       NodeName(MEMBER(node.name))},
      {"cluster-name", "NAME", "of the cluster that this node belongs to",
       ClusterName(MEMBER(node.cluster))},

      {"log-level", "LEVEL", "how much to say on stderr",
       OneOf<LogLevel>({{"error", LogLevel::kError},
                        {"warn", LogLevel::kWarn},
                        {"info", LogLevel::kInfo},
                        {"debug", LogLevel::kDebug}},
                       MEMBER(log_level))},
      {"seccomp-profile", "FILE", "make only the system calls of this file (deploy/seccomp.json)",
       AbsolutePath(MEMBER(seccomp_profile))},
      {"cleanup", "", "remove what a killed agent left behind, and exit", Switch(MEMBER(cleanup))},
  };
  return *table;
}

constexpr char kConfigFlag[] = "config";

// What one source says of one option. `label` is how the user wrote the name there.
struct Given {
  std::string label;
  std::vector<std::string> values;
};
using GivenByName = std::map<std::string, Given>;

std::string EnvironmentName(const std::string& flag) {
  return absl::StrCat("ALIDADE_", absl::AsciiStrToUpper(absl::StrReplaceAll(flag, {{"-", "_"}})));
}

std::vector<std::string> OptionNames() {
  std::vector<std::string> names;
  for (const Option& option : Options()) names.emplace_back(option.name);
  return names;
}

void AddFlags(CLI::App* app) {
  AgentOptions defaults;
  // The value of a flag is read from its results, not through a callback.
  auto add_valued = [app](const std::string& name, const std::string& help) {
    return app->add_option("--" + name, CLI::callback_t(), help)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  };
  for (const Option& option : Options()) {
    if (option.kind.is_switch) {
      app->add_flag(absl::StrCat("--", option.name), option.help)
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      continue;
    }
    CLI::Option* flag = add_valued(option.name, absl::StrCat(option.help, option.kind.choices));
    flag->type_name(option.placeholder)->default_str(option.kind.show(defaults));
    if (option.kind.is_list) flag->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  add_valued(kConfigFlag, "YAML file with these flags as keys")->type_name("FILE");
  app->footer(
      "Each flag can also be set in the environment (ALIDADE_LISTEN_ADDRESS, ...).\n"
      "A flag goes before the environment, and that before the file.");
}

GivenByName ReadFlags(const CLI::App& app) {
  GivenByName given;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() == 0) continue;
    std::string flag = option->get_name();
    given[std::string(absl::StripPrefix(flag, "--"))] = {flag, option->reduced_results()};
  }
  return given;
}

GivenByName ReadEnvironment(const Environment& environment) {
  GivenByName given;
  std::vector<std::string> names = OptionNames();
  names.emplace_back(kConfigFlag);
  for (const std::string& name : names) {
    std::string variable = EnvironmentName(name);
    const char* value = environment(variable.c_str());
    if (value != nullptr) given[name] = {variable, {value}};
  }
  return given;
}

absl::StatusOr<GivenByName> ReadFile(const std::string& path) {
  std::vector<std::string> names = OptionNames();
  GivenByName given;
  ASSIGN_OR_RETURN(std::vector<ConfigEntry> entries, ReadConfigFile(path));
  for (ConfigEntry& entry : entries) {
    std::string label = absl::StrCat(path, ":", entry.line, ": ", entry.key);
    if (std::find(names.begin(), names.end(), entry.key) == names.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(label, ": unknown key", DidYouMean(entry.key, names)));
    }
    given[entry.key] = {std::move(label), std::move(entry.values)};
  }
  return given;
}

// The values of a list may also stand in one text, separated by commas.
std::vector<std::string> SplitList(const std::vector<std::string>& values) {
  std::vector<std::string> items;
  for (const std::string& value : values) {
    for (absl::string_view item : absl::StrSplit(value, ',')) {
      item = absl::StripAsciiWhitespace(item);
      if (!item.empty()) items.emplace_back(item);
    }
  }
  return items;
}

absl::Status SetOption(const Option& option, const Given& given, AgentOptions* options) {
  if (option.kind.is_list) {
    option.kind.clear(options);
    for (const std::string& item : SplitList(given.values)) {
      absl::Status status = option.kind.set(item, options);
      if (!status.ok()) return WithValue(given.label, item, status);
    }
    return absl::OkStatus();
  }
  if (given.values.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(given.label, ": takes one value, not a list"));
  }
  absl::Status status = option.kind.set(given.values.front(), options);
  return status.ok() ? status : WithValue(given.label, given.values.front(), status);
}

absl::Status CheckTls(const ListenOptions& listen) {
  if (listen.tls_cert_file.empty() != listen.tls_key_file.empty()) {
    return absl::InvalidArgumentError(
        "--tls-cert-file and --tls-key-file belong together; set both or none");
  }
  if (!listen.tls_client_ca_files.empty() && listen.tls_cert_file.empty()) {
    return absl::InvalidArgumentError(
        "--tls-client-ca-files: needs --tls-cert-file and --tls-key-file");
  }
  return absl::OkStatus();
}

// What no single option can check.
absl::Status CheckTogether(const AgentOptions& options, const std::string& listen_label) {
  if (options.cleanup) return absl::OkStatus();
  if (options.listen.addresses.empty() && options.listen.socket_path.empty()) {
    return absl::InvalidArgumentError(
        "nothing to serve on: --listen-address and --socket-path are both empty; set one of them");
  }
  RETURN_IF_ERROR(CheckTls(options.listen));
  for (const std::string& address : options.listen.addresses) {
    const bool has_tls = !options.listen.tls_cert_file.empty();
    if (has_tls || options.listen.insecure || IsLoopback(address)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(listen_label, " ", address,
                     ": anybody could read flows there without TLS; set --tls-cert-file and "
                     "--tls-key-file, use a loopback address such as 127.0.0.1:4244, or allow it "
                     "with --insecure-listen"));
  }
  return absl::OkStatus();
}

std::string OwnNodeName(const Environment& environment) {
  const char* kubernetes = environment("K8S_NODE_NAME");
  if (kubernetes != nullptr && *kubernetes != '\0') return kubernetes;
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) == 0 && host[0] != '\0') return host;
  return "localhost";
}

}  // namespace

absl::StatusOr<AgentOptions> ParseAgentOptions(const Arguments& arguments,
                                               const Environment& environment) {
  CLI::App app("Runs the node agent: sees flows and serves them to Hubble clients.",
               "alidade agent");
  AddFlags(&app);
  RETURN_IF_ERROR(ParseArguments(arguments, &app));

  // Emplacing keeps what is there, so the sources are merged from the strongest to the weakest.
  GivenByName given = ReadFlags(app);
  given.merge(ReadEnvironment(environment));
  auto config = given.find(kConfigFlag);
  if (config != given.end() && !config->second.values.back().empty()) {
    ASSIGN_OR_RETURN(GivenByName file, ReadFile(config->second.values.back()));
    given.merge(file);
  }

  AgentOptions options;
  for (const Option& option : Options()) {
    auto found = given.find(option.name);
    if (found != given.end()) RETURN_IF_ERROR(SetOption(option, found->second, &options));
  }
  if (options.node.name.empty()) options.node.name = OwnNodeName(environment);

  auto listen = given.find("listen-address");
  RETURN_IF_ERROR(
      CheckTogether(options, listen == given.end() ? "--listen-address" : listen->second.label));
  return options;
}

}  // namespace alidade
