// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/server_flags.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "catch2/catch_test_macros.hpp"
#include "catch2/generators/catch_generators.hpp"

namespace alidade {
namespace {

using Variables = std::map<std::string, std::string>;

absl::StatusOr<ServerFlags> Parse(const Arguments& arguments, const Variables& variables = {}) {
  ServerFlags flags;
  FlagSet set("alidade test", "Tests.");
  AddServerFlags(&set, &flags);
  const auto environment = [&variables](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  const absl::Status status = ParseClientFlags(arguments, environment, &set, &flags);
  if (!status.ok()) return status;
  return flags;
}

std::string Error(const Arguments& arguments, const Variables& variables = {}) {
  return std::string(Parse(arguments, variables).status().message());
}

// A configuration file, gone afterwards.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    const int fd = mkstemp(path_.data());
    REQUIRE(fd >= 0);
    close(fd);
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::remove(path_.c_str()); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = "/tmp/alidade-config-XXXXXX";
};

TEST_CASE("without flags this node's agent is asked", "[cli]") {
  const ServerFlags flags = Parse({}).value();
  CHECK(flags.target == "unix:///var/run/alidade/hubble.sock");
  CHECK(!flags.uses_tls());
  CHECK(flags.dial_timeout == absl::Seconds(5));
  CHECK(flags.request_timeout == absl::Seconds(12));
}

TEST_CASE("a flag goes before the environment, and that before the file", "[cli]") {
  const ConfigFile file("server: from-file\ntimeout: 3s\ntls-ca-cert-files: [a, b]\n");
  const Arguments config = {"--config", file.path()};
  CHECK(Parse(config).value().target == "from-file");
  CHECK(Parse(config).value().ca_files == std::vector<std::string>{"a", "b"});
  CHECK(Parse({}, {{"HUBBLE_CONFIG", file.path()}}).value().target == "from-file");
  CHECK(Parse(config, {{"HUBBLE_SERVER", "variable"}}).value().target == "variable");
  CHECK(Parse(config, {{"HUBBLE_SERVER", ""}}).value().target == "from-file");
  const ServerFlags flags = Parse({"--config", file.path(), "--server", "flag"},
                                  {{"HUBBLE_SERVER", "variable"}, {"HUBBLE_TIMEOUT", "4s"}})
                                .value();
  CHECK(flags.target == "flag");
  CHECK(flags.dial_timeout == absl::Seconds(4));
}

TEST_CASE("the agent's own variables are no flags of clients, but for the server", "[cli]") {
  const ServerFlags flags = Parse({}, {{"ALIDADE_SERVER", "own"},
                                       {"HUBBLE_SERVER", "hubble"},
                                       {"ALIDADE_CONFIG", "/none"},
                                       {"HUBBLE_TLS_CA_CERT_FILES", "x,y"}})
                                .value();
  CHECK(flags.target == "own");
  CHECK(flags.ca_files == std::vector<std::string>{"x", "y"});
}

TEST_CASE("what is wrong in the environment or the file is named", "[cli]") {
  CHECK(Error({}, {{"HUBBLE_TLS", "maybe"}}) ==
        R"(invalid value "maybe" of HUBBLE_TLS: )"
        R"(strconv.ParseBool: parsing "maybe": invalid syntax)");
  const ConfigFile typo("sever: x\n");
  CHECK(Error({"--config", typo.path()}) ==
        typo.path() + ":1: sever: unknown key (did you mean server?)");
  const ConfigFile list("debug: true\nserver: [x, y]\n");
  CHECK(Error({"--config", list.path()}) ==
        list.path() + ":2: server: takes one value, not a list");
  CHECK(Error({"--config", "/none"}).rfind("/none: ", 0) == 0);
}

TEST_CASE("flags that belong together are refused apart", "[cli]") {
  struct Row {
    Arguments arguments;
    const char* message;
  };
  const Row row = GENERATE(
      Row{{"--tls", "--tls-client-cert-file", "x"},
          "invalid flag(s): certificate and private key are both required, but only one was "
          "provided"},
      Row{{"--tls-client-cert-file", "x", "--tls-client-key-file", "y"},
          "invalid flag(s): transport layer security required"},
      Row{{"--basic-auth-password", "x"},
          "invalid flag(s): must specify both basic-auth-username and basic-auth-password"},
      Row{{"--server", "tls://h:1", "--tls-client-cert-file", "x", "--tls-client-key-file", "y"},
          ""},
      Row{{"--port-forward-port", "70000"},
          R"(invalid argument "70000" for "--port-forward-port" flag: )"
          R"(strconv.ParseUint: parsing "70000": value out of range)"});
  CHECK(Error(row.arguments) == row.message);
}

TEST_CASE("a port forward is refused with the command that does it", "[cli]") {
  const ServerFlags flags =
      Parse({"-P", "--kubeconfig", "k", "--kube-context", "c", "--port-forward-port", "0"}).value();
  CHECK(CheckPortForward(flags.port_forward).message() ==
        "--port-forward is not done here; run `kubectl --kubeconfig k --context c -n kube-system "
        "port-forward service/hubble-relay 0:80` beside it and give the port that it names with "
        "--server");
  CHECK(CheckPortForward(Parse({"--kubeconfig", "k"}).value().port_forward).ok());
}

}  // namespace
}  // namespace alidade
