// SPDX-License-Identifier: Apache-2.0
//
// How `alidade observe` reaches a server, beside the genuine `hubble observe`: the same flags,
// environment and configuration file, against one agent that wants TLS both ways.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/clients/flow_recording.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace alidade::testing {
namespace {

using Words = std::vector<std::string>;

constexpr char kAddress[] = "127.0.0.1:14262";

std::string Hubble() {
  const char* hubble = std::getenv("HUBBLE");
  if (hubble == nullptr) SKIP("HUBBLE does not name the genuine hubble CLI");
  return hubble;
}

// An agent that serves a recording, and what a client needs to reach it.
class SecureAgent {
 public:
  SecureAgent() {
    Hubble();
    ca_ = std::make_unique<CertificateAuthority>(folder_.path(), "ca");
    other_ca_ = std::make_unique<CertificateAuthority>(folder_.path(), "other");
    ca_->Issue("node", "node.example.org");
    ca_->Issue("client", "client.example.org");
    WriteFlowRecording(file("flows.jsonl"), "node-1", 0, 1);
    agent_ = std::make_unique<AgentProcess>(
        nullptr, Words{"--source=replay:" + file("flows.jsonl"), "--replay-pace=fastest",
                       std::string("--listen-address=") + kAddress,
                       "--tls-cert-file=" + ca_->cert_file("node"),
                       "--tls-key-file=" + ca_->key_file("node"),
                       "--tls-client-ca-files=" + ca_->ca_file()});
  }

  std::string file(const std::string& name) const { return folder_ / name; }
  std::string target() const { return agent_->target(); }

  Words Authority() const { return {"--tls-ca-cert-files", ca_->ca_file()}; }
  Words OtherAuthority() const { return {"--tls-ca-cert-files", other_ca_->ca_file()}; }
  Words Certificate() const {
    return {"--tls-client-cert-file", ca_->cert_file("client"), "--tls-client-key-file",
            ca_->key_file("client")};
  }
  // The same as Authority and Certificate and the name, as keys of a configuration file.
  std::string Config() const {
    return std::string("server: tls://") + kAddress + "\ntls-server-name: node.example.org\n" +
           "tls-ca-cert-files:\n- " + ca_->ca_file() +
           "\ntls-client-cert-file: " + ca_->cert_file("client") +
           "\ntls-client-key-file: " + ca_->key_file("client") + "\n";
  }

 private:
  const TemporaryFolder folder_;
  std::unique_ptr<CertificateAuthority> ca_;
  std::unique_ptr<CertificateAuthority> other_ca_;
  std::unique_ptr<AgentProcess> agent_;
};

Words Joined(std::initializer_list<Words> parts) {
  Words all;
  for (const Words& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Runs `program observe` with these flags, in an environment with `variables` (NAME=VALUE).
CommandResult Observe(const std::string& program, const Words& flags, const Words& variables = {}) {
  return RunCommand(
      Joined({{"env"}, variables, {program, "observe", "--all", "-o", "json"}, flags}));
}

const Words kServer = {"--server", std::string("tls://") + kAddress};
const Words kName = {"--tls-server-name", "node.example.org"};

TEST_CASE("alidade observe reaches a server by TLS as hubble observe does", "[clients]") {
  const SecureAgent agent;
  const Words plain = {"--server", kAddress};
  const Words flags[] = {
      Joined({kServer, kName, agent.Authority(), agent.Certificate()}),
      Joined({plain, {"--tls"}, kName, agent.Authority(), agent.Certificate()}),
      Joined({kServer, {"--tls-allow-insecure"}, agent.Certificate()}),
      Joined({kServer,
              kName,
              agent.Authority(),
              agent.Certificate(),
              {"--basic-auth-username", "me", "--basic-auth-password", "secret"}}),
      Joined({{"--server", agent.target()}, {"--request-timeout", "1s", "--timeout", "1m"}}),
      Joined({{"--server", agent.target()}, {"--kubeconfig", "/none", "--kube-context", "none"}}),
  };
  for (const Words& words : flags) {
    const CommandResult genuine = Observe(Hubble(), words);
    const CommandResult ours = Observe(AgentBinary(), words);
    INFO(words[1] << " " << words[2] << "\n" << ours.output);
    CHECK(genuine.status == 0);
    CHECK(ours.status == 0);
    CHECK(!ours.output.empty());
    CHECK(ours.output == genuine.output);
  }
}

TEST_CASE("alidade observe is refused where hubble observe is", "[clients]") {
  const SecureAgent agent;
  const Words flags[] = {
      {"--server", kAddress},  // in the clear
      Joined({kServer, kName, agent.Authority()}),
      Joined({kServer, kName, agent.OtherAuthority(), agent.Certificate()}),
      Joined({kServer, agent.Authority(), agent.Certificate()}),  // the name is another
      Joined({kServer, {"--tls-allow-insecure"}}),
      Joined({{"--server", agent.target()}, {"--tls"}}),
  };
  for (const Words& words : flags) {
    const CommandResult genuine = Observe(Hubble(), words);
    const CommandResult ours = Observe(AgentBinary(), words);
    INFO(words[1] << " " << words.back() << "\n" << genuine.output << ours.output);
    CHECK(genuine.status == 1);
    CHECK(ours.status == 1);
    const std::string begin = "rpc error: code = Unavailable desc = ";
    CHECK(genuine.output.find(begin) != std::string::npos);
    CHECK(ours.output.rfind(begin, 0) == 0);
    CHECK(ours.output.find('\n') == ours.output.size() - 1);
  }
}

TEST_CASE("alidade observe heeds the environment and the file of hubble observe", "[clients]") {
  const SecureAgent agent;
  const std::string config = agent.file("config.yaml");
  std::ofstream(config) << agent.Config() << "allowlist:\n- '{\"verdict\":[\"DROPPED\"]}'\n";
  struct Row {
    Words variables;
    Words flags;
  };
  const Row rows[] = {
      {{}, {"--config", config}},
      {{"HUBBLE_CONFIG=" + config}, {}},
      {{"HUBBLE_SERVER=" + agent.target()}, {}},
      {{"HUBBLE_SERVER=unix:///none"}, {"--server", agent.target()}},
      {{"HUBBLE_SERVER=" + agent.target()}, {"--config", config, "--tls=false"}},
      {{"HUBBLE_SERVER=" + agent.target(), "HUBBLE_DENYLIST={\"verdict\":[\"DROPPED\"]}"}, {}},
      {{"HUBBLE_SERVER=" + agent.target()}, {"--allowlist", R"({"protocol":["dns"]})"}},
  };
  // With a certificate TLS is a must: the socket is then refused by both.
  for (const Row& row : rows) {
    const CommandResult genuine = Observe(Hubble(), row.flags, row.variables);
    const CommandResult ours = Observe(AgentBinary(), row.flags, row.variables);
    INFO((row.variables.empty() ? "" : row.variables.front()) << "\n" << genuine.output);
    CHECK(ours.output == genuine.output);
    CHECK(ours.status == genuine.status);
  }
}

// Follows until a line has come, interrupts, and tells the exit status.
int FollowAndInterrupt(const std::string& program, const std::string& target) {
  const Words words = {program, "observe", "--follow", "--last", "1", "--server", target};
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  char byte = 0;
  while (read(ends[0], &byte, 1) == 1 && byte != '\n') continue;
  CHECK(byte == '\n');
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  close(ends[0]);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_CASE("who interrupts alidade observe has seen what he wanted", "[clients]") {
  const SecureAgent agent;
  CHECK(FollowAndInterrupt(Hubble(), agent.target()) == 0);
  CHECK(FollowAndInterrupt(AgentBinary(), agent.target()) == 0);
}

}  // namespace
}  // namespace alidade::testing
