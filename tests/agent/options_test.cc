// SPDX-License-Identifier: Apache-2.0
#include "agent/options.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "catch2/catch_test_macros.hpp"
#include "catch2/generators/catch_generators.hpp"
#include "catch2/matchers/catch_matchers_string.hpp"

namespace alidade {
namespace {

using Catch::Matchers::ContainsSubstring;
using Variables = std::map<std::string, std::string>;

absl::StatusOr<AgentOptions> Parse(const Arguments& arguments, const Variables& variables = {}) {
  return ParseAgentOptions(arguments, [&variables](const char* name) -> const char* {
    auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

AgentOptions Parsed(const Arguments& arguments, const Variables& variables = {}) {
  absl::StatusOr<AgentOptions> options = Parse(arguments, variables);
  INFO(options.status());
  REQUIRE(options.ok());
  return *options;
}

std::string Refusal(const Arguments& arguments, const Variables& variables = {}) {
  absl::StatusOr<AgentOptions> options = Parse(arguments, variables);
  REQUIRE(absl::IsInvalidArgument(options.status()));
  std::string message(options.status().message());
  CHECK(message.find('\n') == std::string::npos);
  return message;
}

// A configuration file that lives as long as the test case.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    char path[] = "/tmp/alidade-options-XXXXXX";
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    close(fd);
    path_ = path;
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST_CASE("without flags the agent has the defaults that Hubble users know", "[options]") {
  AgentOptions options = Parsed({});
  CHECK(options.listen.addresses == std::vector<std::string>{"127.0.0.1:4244"});
  CHECK(options.listen.socket_path == "/var/run/alidade/hubble.sock");
  CHECK(options.listen.lost_event_send_interval == absl::Seconds(1));
  CHECK(options.store.capacity == 4095);
  CHECK(options.store.arena_bytes() == uint64_t{4096} * 1024);
  CHECK(options.capture.aggregation == AGGREGATION_MEDIUM);
  CHECK(options.capture.report_interval == absl::Seconds(5));
  CHECK(options.capture.report_flags == 0x07);
  CHECK(options.capture.connections_max == 131072);
  CHECK(options.capture.capture_length == 128);
  CHECK(options.node.cluster == "default");
  CHECK(!options.cleanup);
}

TEST_CASE("every flag reaches its option", "[options]") {
  AgentOptions options = Parsed({"--listen-address",
                                 "0.0.0.0:1",
                                 "--insecure-listen",
                                 "--tls-cert-file=/tls/a.crt",
                                 "--tls-key-file=/tls/a.key",
                                 "--tls-client-ca-files=/tls/ca.crt",
                                 "--socket-path=/run/a.sock",
                                 "--socket-group=hubble",
                                 "--socket-mode=0666",
                                 "--max-streams-per-client=7",
                                 "--keepalive-time=5m",
                                 "--keepalive-timeout=1s",
                                 "--peers=/etc/alidade/peers",
                                 "--lost-event-send-interval=250ms",
                                 "--event-buffer-capacity=63",
                                 "--event-buffer-bytes=1048576",
                                 "--source=ebpf",
                                 "--monitor-aggregation=none",
                                 "--monitor-aggregation-interval=250ms",
                                 "--monitor-aggregation-flags=syn,ack",
                                 "--connections-max=4096",
                                 "--sampling=10",
                                 "--events-rate-limit=0",
                                 "--events-source-rate-limit=7",
                                 "--capture-length=0",
                                 "--kernel-ring-pages=8",
                                 "--tc-attach=clsact",
                                 "--attach-loopback",
                                 "--interface-include=eth*",
                                 "--interface-exclude",
                                 "eth9",
                                 "--recvmsg-attach=always",
                                 "--cgroup-root=/sys/fs/cgroup",
                                 "--node-name=n1",
                                 "--cluster-name=c1",
                                 "--log-level=debug",
                                 "--seccomp-profile=/etc/alidade/seccomp.json",
                                 "--cleanup"});
  CHECK(options.listen.addresses == std::vector<std::string>{"0.0.0.0:1"});
  CHECK(options.listen.insecure);
  CHECK(options.listen.tls_cert_file == "/tls/a.crt");
  CHECK(options.listen.tls_key_file == "/tls/a.key");
  CHECK(options.listen.tls_client_ca_files == std::vector<std::string>{"/tls/ca.crt"});
  CHECK(options.listen.socket_path == "/run/a.sock");
  CHECK(options.listen.socket_group == "hubble");
  CHECK(options.listen.socket_mode == 0666);
  CHECK(options.listen.max_streams_per_client == 7);
  CHECK(options.listen.keepalive_time == absl::Minutes(5));
  CHECK(options.listen.keepalive_timeout == absl::Seconds(1));
  CHECK(options.listen.peers_file == "/etc/alidade/peers");
  CHECK(options.listen.lost_event_send_interval == absl::Milliseconds(250));
  CHECK(options.store.capacity == 63);
  CHECK(options.store.arena_bytes() == 1048576);
  CHECK(options.capture.source.kind == SourceKind::kEbpf);
  CHECK(options.capture.aggregation == AGGREGATION_NONE);
  CHECK(options.capture.report_interval == absl::Milliseconds(250));
  CHECK(options.capture.report_flags == 0x12);
  CHECK(options.capture.connections_max == 4096);
  CHECK(options.capture.sampling == 10);
  CHECK(options.capture.events_rate_limit == 0);
  CHECK(options.capture.events_source_rate_limit == 7);
  CHECK(options.capture.capture_length == 0);
  CHECK(options.capture.kernel_ring_pages == 8);
  CHECK(options.capture.tc_attach == TcAttach::kClsact);
  CHECK(options.capture.attach_loopback);
  CHECK(options.capture.interface_include == std::vector<std::string>{"eth*"});
  CHECK(options.capture.interface_exclude == std::vector<std::string>{"eth9"});
  CHECK(options.capture.recvmsg_attach == RecvmsgAttach::kAlways);
  CHECK(options.capture.cgroup_root == "/sys/fs/cgroup");
  CHECK(options.node.name == "n1");
  CHECK(options.node.cluster == "c1");
  CHECK(options.log_level == LogLevel::kDebug);
  CHECK(options.seccomp_profile == "/etc/alidade/seccomp.json");
  CHECK(options.cleanup);
}

TEST_CASE("a flag goes before the environment and that before the file", "[options]") {
  TemporaryFile file("capture-length: 1\nkernel-ring-pages: 1\nevent-buffer-capacity: 1\n");
  Variables variables = {{"ALIDADE_CAPTURE_LENGTH", "2"}, {"ALIDADE_KERNEL_RING_PAGES", "2"}};
  AgentOptions options = Parsed({"--config", file.path(), "--capture-length", "3"}, variables);
  CHECK(options.capture.capture_length == 3);
  CHECK(options.capture.kernel_ring_pages == 2);
  CHECK(options.store.capacity == 1);
}

TEST_CASE("the environment may name the configuration file", "[options]") {
  TemporaryFile file("node-name: from-file\n");
  CHECK(Parsed({}, {{"ALIDADE_CONFIG", file.path()}}).node.name == "from-file");
}

TEST_CASE("a list is repeated, separated by commas, or a YAML list", "[options]") {
  TemporaryFile file("interface-include:\n  - eth*\n  - lo\ninterface-exclude: a, b\n");
  AgentOptions from_file = Parsed({"--config", file.path()});
  CHECK(from_file.capture.interface_include == std::vector<std::string>{"eth*", "lo"});
  CHECK(from_file.capture.interface_exclude == std::vector<std::string>{"a", "b"});
  AgentOptions from_flags =
      Parsed({"--interface-include", "x,y", "--interface-include", "z", "--config", file.path()});
  CHECK(from_flags.capture.interface_include == std::vector<std::string>{"x", "y", "z"});
}

TEST_CASE("an empty value switches a listener off", "[options]") {
  CHECK(Parsed({"--socket-path="}).listen.socket_path.empty());
  CHECK(Parsed({"--listen-address", ""}).listen.addresses.empty());
  CHECK_THAT(Refusal({"--socket-path=", "--listen-address="}),
             ContainsSubstring("--listen-address and --socket-path"));
}

TEST_CASE("the last of a repeated single flag counts", "[options]") {
  CHECK(Parsed({"--capture-length=1", "--capture-length=2"}).capture.capture_length == 2);
}

TEST_CASE("a switch can be set to false", "[options]") {
  Variables variables = {{"ALIDADE_ATTACH_LOOPBACK", "true"}};
  CHECK(Parsed({}, variables).capture.attach_loopback);
  CHECK(!Parsed({"--attach-loopback=false"}, variables).capture.attach_loopback);
  CHECK(Parsed({"--attach-loopback", "--attach-loopback"}).capture.attach_loopback);
  CHECK_THAT(Refusal({"--attach-loopback=maybe"}), ContainsSubstring("must be true or false"));
}

TEST_CASE("the node is called as Kubernetes calls it", "[options]") {
  CHECK(Parsed({}, {{"K8S_NODE_NAME", "worker-1"}}).node.name == "worker-1");
  CHECK(Parsed({"--node-name=x"}, {{"K8S_NODE_NAME", "worker-1"}}).node.name == "x");
  CHECK(!Parsed({}).node.name.empty());
}

TEST_CASE("an address without a host means all addresses", "[options]") {
  CHECK(Parsed({"--insecure-listen", "--listen-address=:4244"}).listen.addresses ==
        std::vector<std::string>{"[::]:4244"});
}

TEST_CASE("plaintext is served on loopback addresses only", "[options]") {
  for (const char* loopback : {"127.0.0.1:4244", "127.1.2.3:1", "[::1]:4244", "localhost:4244"}) {
    CHECK(Parse({"--listen-address", loopback}).ok());
  }
  for (const char* open : {":4244", "0.0.0.0:4244", "10.0.0.1:4244", "[::]:4244", "node1:4244"}) {
    CHECK_THAT(Refusal({"--listen-address", open}), ContainsSubstring("--insecure-listen"));
    CHECK(Parse({"--listen-address", open, "--insecure-listen"}).ok());
  }
}

TEST_CASE("with a certificate every address may be served", "[options]") {
  CHECK(
      Parse({"--listen-address", ":4244", "--tls-cert-file=/a.crt", "--tls-key-file=/a.key"}).ok());
  CHECK_THAT(Refusal({"--tls-cert-file=/a.crt"}), ContainsSubstring("belong together"));
  CHECK_THAT(Refusal({"--tls-key-file=/a.key"}), ContainsSubstring("belong together"));
  CHECK_THAT(Refusal({"--tls-client-ca-files=/ca.crt"}), ContainsSubstring("--tls-cert-file"));
}

TEST_CASE("a wrong value is named with what would be right", "[options]") {
  struct Wrong {
    const char* flag;
    const char* value;
    const char* right;
  };
  Wrong wrong = GENERATE(
      Wrong{"--listen-address", "4244", "HOST:PORT"},
      Wrong{"--listen-address", "::1:4244", "HOST:PORT"},
      Wrong{"--listen-address", "127.0.0.1:65536", "HOST:PORT"},
      Wrong{"--listen-address", "999.0.0.1:4244", "HOST:PORT"},
      Wrong{"--socket-path", "hubble.sock", "absolute path"},
      Wrong{"--tls-cert-file", "a.crt", "absolute path"},
      Wrong{"--socket-mode", "0999", "octal permissions"},
      Wrong{"--socket-mode", "1777", "octal permissions"},
      Wrong{"--socket-mode", "", "octal permissions"},
      Wrong{"--max-streams-per-client", "0", "must be a number from 1 to 1000000"},
      Wrong{"--keepalive-time", "0", "must be a duration from 1s to 24h"},
      Wrong{"--keepalive-timeout", "25h", "must be a duration from 1s to 24h"},
      Wrong{"--lost-event-send-interval", "1", "duration such as 1s"},
      Wrong{"--lost-event-send-interval", "-1s", "duration such as 1s"},
      Wrong{"--event-buffer-capacity", "65536", "invalid capacity: too large: 65536"},
      Wrong{"--event-buffer-capacity", "4096",
            "invalid capacity: must be one less than an integer power of two: 4096"},
      Wrong{"--event-buffer-capacity", "0",
            "invalid capacity: must be one less than an integer power of two: 0"},
      Wrong{"--event-buffer-capacity", "-1", "e.g. 4095"},
      Wrong{"--event-buffer-bytes", "5", "must be a number from 65536 to 68719476736, or 0"},
      Wrong{"--source", "sky", "must be one of ebpf, cilium, replay:FILE"},
      Wrong{"--source", "replay:", "must be one of ebpf, cilium, replay:FILE"},
      Wrong{"--monitor-aggregation", "high", "none, low, medium, maximum"},
      Wrong{"--capture-length", "1025", "must be a number from 0 to 1024"},
      Wrong{"--capture-length", "1k", "must be a number from 0 to 1024"},
      Wrong{"--capture-length", "", "must be a number from 0 to 1024"},
      Wrong{"--kernel-ring-pages", "3", "power of two"},
      Wrong{"--tc-attach", "xdp", "auto, tcx, clsact"},
      Wrong{"--recvmsg-attach", "never", "auto, always"},
      Wrong{"--interface-include", "a/b", "pattern of interface names"},
      Wrong{"--cgroup-root", "sys", "absolute path"}, Wrong{"--node-name", "a/b", "must be a name"},
      Wrong{"--cluster-name", "Prod", "lower-case"}, Wrong{"--log-level", "trace", "warn, info"});
  std::string refusal = Refusal({wrong.flag, wrong.value});
  CHECK_THAT(refusal, ContainsSubstring(std::string(wrong.flag) + " \"" + wrong.value + "\": "));
  CHECK_THAT(refusal, ContainsSubstring(wrong.right));
}

TEST_CASE("a wrong value is named by where it came from", "[options]") {
  CHECK_THAT(Refusal({}, {{"ALIDADE_LOG_LEVEL", "loud"}}),
             ContainsSubstring("ALIDADE_LOG_LEVEL \"loud\": must be one of"));
  TemporaryFile file("# comment\nlog-level: loud\n");
  CHECK(Refusal({"--config", file.path()}) ==
        file.path() + ":2: log-level \"loud\": must be one of error, warn, info, debug");
  TemporaryFile listen("listen-address: 0.0.0.0:4244\n");
  CHECK_THAT(Refusal({"--config", listen.path()}),
             ContainsSubstring(listen.path() + ":1: listen-address 0.0.0.0:4244: "));
}

TEST_CASE("a value that a flag hides is still not read", "[options]") {
  CHECK(Parsed({"--log-level=warn"}, {{"ALIDADE_LOG_LEVEL", "loud"}}).log_level == LogLevel::kWarn);
}

TEST_CASE("an unknown flag is refused with a hint", "[options]") {
  CHECK(Refusal({"--lissten-address=x"}) ==
        "unknown flag --lissten-address (did you mean --listen-address?); see alidade agent "
        "--help");
  CHECK_THAT(Refusal({"--hubble-socket-path", "/x"}), ContainsSubstring("--socket-path?"));
  CHECK_THAT(Refusal({"--quite-something-else"}), !ContainsSubstring("did you mean"));
  CHECK_THAT(Refusal({"word"}), ContainsSubstring("unexpected argument word"));
  CHECK_THAT(Refusal({"--log-level"}), ContainsSubstring("--log-level"));
}

TEST_CASE("help is no error and tells every default", "[options]") {
  absl::StatusOr<AgentOptions> options = Parse({"--help"});
  REQUIRE(absl::IsCancelled(options.status()));
  std::string help(options.status().message());
  for (const char* part : {"--listen-address", "127.0.0.1:4244", "4095", "medium", "--config"}) {
    CHECK_THAT(help, ContainsSubstring(part));
  }
}

TEST_CASE("a configuration file that cannot be used is one line", "[options]") {
  CHECK_THAT(Refusal({"--config", "/nonexistent/alidade.yaml"}),
             ContainsSubstring("/nonexistent/alidade.yaml: cannot read"));
  CHECK_THAT(Refusal({"--config", "/"}), ContainsSubstring("/: cannot read"));

  struct Bad {
    const char* text;
    const char* problem;
  };
  Bad bad = GENERATE(
      Bad{"a: 1\nlisten-adress: x\n", ":1: a: unknown key"},
      Bad{"\nlisten-adress: x\n", ":2: listen-adress: unknown key (did you mean listen-address?)"},
      Bad{"config: x\n", ":1: config: unknown key"},
      Bad{"log-level: info\nlog-level: warn\n", ":2: log-level is given twice"},
      Bad{"log-level:\n  a: b\n", ":2: must be a value or a list"},
      Bad{"log-level: {}\n", ":1: must be a value or a list"},
      Bad{"interface-include: [[a]]\n", ":1: must be a value or a list"},
      Bad{"log-level: [info, warn]\n", ":1: log-level: takes one value"},
      Bad{"- a\n", ":1: must be a map"}, Bad{"just text\n", ":1: must be a map"},
      Bad{"a: [\n", ":2: "});
  TemporaryFile file(bad.text);
  CHECK_THAT(Refusal({"--config", file.path()}), ContainsSubstring(file.path() + bad.problem));
}

TEST_CASE("an empty configuration file says nothing", "[options]") {
  TemporaryFile empty("");
  CHECK(Parsed({"--config", empty.path()}).store.capacity == 4095);
  TemporaryFile comment("# nothing\n");
  CHECK(Parsed({"--config", comment.path()}).store.capacity == 4095);
}

}  // namespace
}  // namespace alidade
