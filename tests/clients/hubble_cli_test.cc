// SPDX-License-Identifier: Apache-2.0
//
// The genuine hubble CLI against the running agent. Its path comes from the environment variable
// HUBBLE; `./dev test clients` builds it from tests/clients/hubble.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

// A node with a pod that has said something already: a TCP exchange and a datagram that nftables
// drops.
class SpeakingNode {
 public:
  SpeakingNode() {
    Connect(host_, "to-pod", pod_, "eth0");
    host_.Run("nft add table inet guard");
    host_.Run("nft add chain inet guard in { type filter hook input priority 0 ; }");
    host_.Run("nft add rule inet guard in udp dport 7777 drop");
    agent_.emplace(&host_);
    agent_->WaitForAttached("to-pod");
    std::optional<Socket> listener;
    host_.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
    server_port_ = LocalPort(*listener);
    pod_.Inside([&] { client_port_ = ExchangeTcp(*listener, "10.99.0.1", "hello"); });
    agent_->WaitForFlow("the end", [&](const flow::Flow& flow) {
      return flow.l4().tcp().destination_port() == client_port_ && flow.l4().tcp().flags().fin();
    });
    Knock();
  }

  // Sends the datagram that is dropped, and waits until the agent has it.
  void Knock() {
    uint16_t port = 0;
    pod_.Inside([&] { port = SendUdp("10.99.0.1", 7777, "knock"); });
    agent_->WaitForFlow("the drop", [&](const flow::Flow& flow) {
      return flow.verdict() == flow::DROPPED && flow.l4().udp().source_port() == port;
    });
  }

  // Runs `hubble --server <agent> <arguments>`.
  CommandResult Hubble(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = CommandLine();
    command.insert(command.end(), arguments.begin(), arguments.end());
    return RunCommand(command);
  }
  std::vector<std::string> CommandLine() const {
    const char* hubble = getenv("HUBBLE");
    if (hubble == nullptr) SKIP("HUBBLE does not name the genuine hubble CLI");
    return {hubble, "--server", agent_->target()};
  }

  uint16_t client_port() const { return client_port_; }
  uint16_t server_port() const { return server_port_; }

 private:
  NetworkNamespace host_{"host"};
  NetworkNamespace pod_{"pod"};
  std::optional<AgentProcess> agent_;
  uint16_t client_port_ = 0;
  uint16_t server_port_ = 0;
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("hubble observe prints the flows of a connection", "[clients]") {
  const SpeakingNode node;
  const CommandResult result = node.Hubble({"observe", "--last", "200"});
  INFO(result.output);
  CHECK(result.status == 0);
  const std::string client = "10.99.0.2:" + std::to_string(node.client_port());
  const std::string server = "10.99.0.1:" + std::to_string(node.server_port());
  CHECK(Contains(result.output,
                 client + " (world) -> " + server + " (host) to-stack FORWARDED (TCP Flags: SYN)"));
  CHECK(Contains(result.output, client + " (world) <- " + server +
                                    " (host) to-endpoint FORWARDED (TCP Flags: SYN, ACK)"));
}

TEST_CASE("hubble observe filters by address and verdict", "[clients]") {
  const SpeakingNode node;
  const CommandResult result =
      node.Hubble({"observe", "--ip", "10.99.0.1", "--verdict", "DROPPED", "--last", "100"});
  INFO(result.output);
  CHECK(result.status == 0);
  REQUIRE(Lines(result.output).size() == 1);
  CHECK(Contains(result.output, "10.99.0.1:7777"));
  CHECK(Contains(result.output, "Policy denied DROPPED (UDP)"));

  CHECK(node.Hubble({"observe", "--ip", "192.0.2.77", "--last", "100"}).output.empty());
  CHECK(Lines(node.Hubble({"observe", "--not", "--verdict", "FORWARDED", "--protocol", "udp",
                           "--last", "100", "--type", "drop"})
                  .output)
            .size() == 1);
}

TEST_CASE("hubble observe -o json prints the whole flow", "[clients]") {
  const SpeakingNode node;
  const CommandResult result = node.Hubble({"observe", "-o", "json", "--tcp-flags", "SYN", "--port",
                                            std::to_string(node.client_port()), "--last", "10"});
  INFO(result.output);
  CHECK(result.status == 0);
  const std::vector<std::string> lines = Lines(result.output);
  REQUIRE(lines.size() == 2);
  const nlohmann::json syn = nlohmann::json::parse(lines[0]);
  CHECK(syn["node_name"] == "test-node");
  const nlohmann::json& flow = syn["flow"];
  CHECK(flow["time"] == syn["time"]);
  CHECK(flow["verdict"] == "FORWARDED");
  CHECK(flow["IP"]["source"] == "10.99.0.2");
  CHECK(flow["l4"]["TCP"]["source_port"] == node.client_port());
  CHECK(flow["l4"]["TCP"]["flags"] == nlohmann::json{{"SYN", true}});
  CHECK(flow["is_reply"] == false);
  CHECK(flow["destination"]["labels"] == nlohmann::json{"reserved:host"});
  CHECK(flow["emitter"]["name"] == "alidade");
  CHECK(flow["extensions"]["@type"] == "type.googleapis.com/google.protobuf.Struct");
  CHECK(flow["extensions"]["value"]["packets"] == 1);
}

TEST_CASE("hubble observe -f follows until it is interrupted", "[clients]") {
  SpeakingNode node;
  std::vector<std::string> command = node.CommandLine();
  // The port leaves out what the kernel drops of its own accord while the pod's link comes up.
  for (const char* word :
       {"observe", "--follow", "--verdict", "DROPPED", "--port", "7777", "--last", "1"})
    command.emplace_back(word);
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  FILE* output = fdopen(ends[0], "r");
  char line[4096];
  // The stored one first, then what happens while it follows.
  REQUIRE(fgets(line, sizeof(line), output) != nullptr);
  CAPTURE(line);
  CHECK(Contains(line, "Policy denied DROPPED"));
  node.Knock();
  REQUIRE(fgets(line, sizeof(line), output) != nullptr);
  CAPTURE(line);
  CHECK(Contains(line, "Policy denied DROPPED"));
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  fclose(output);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("hubble status finds a healthy server", "[clients]") {
  const SpeakingNode node;
  const CommandResult result = node.Hubble({"status"});
  INFO(result.output);
  CHECK(result.status == 0);
  CHECK(Contains(result.output, ": Ok\n"));
  CHECK(Contains(result.output, "/4,095 ("));
}

TEST_CASE("hubble reflect gets the descriptors from the server's reflection", "[clients]") {
  const SpeakingNode node;
  // In bounded memory: against a reflection that does not end, the CLI takes all there is.
  std::vector<std::string> command = {"sh", "-c", "ulimit -v 4000000; exec \"$0\" \"$@\""};
  for (const std::string& word : node.CommandLine()) command.push_back(word);
  command.emplace_back("reflect");
  const CommandResult result = RunCommand(command);
  INFO(result.output.substr(0, 2000));
  CHECK(result.status == 0);
  for (const char* name : {"observer/observer.proto", "flow/flow.proto", "peer/peer.proto"}) {
    CHECK(Contains(result.output, std::string("{\"name\":\"") + name));
  }
}

// Of every version that there is to test with, the newest first.
std::vector<std::string> HubbleVersions() {
  std::vector<std::string> paths;
  for (const char* variable : {"HUBBLE", "HUBBLE_OLDER"}) {
    std::istringstream words(getenv(variable) != nullptr ? getenv(variable) : "");
    for (std::string path; words >> path;) paths.push_back(path);
  }
  if (paths.empty()) SKIP("HUBBLE does not name the genuine hubble CLI");
  return paths;
}

TEST_CASE("every subcommand of every hubble CLI gets its answer", "[clients]") {
  const SpeakingNode node;
  struct Row {
    std::vector<std::string> words;
    int status;
    const char* output;  // a part of it
  };
  const Row rows[] = {
      {{"status"}, 0, "Current/Max Flows: "},
      {{"status", "-o", "dict"}, 0, "MAX FLOWS: 4,095"},
      {{"status", "-o", "json"}, 0, "\"max_flows\":\"4095\""},
      {{"status", "-o", "table"}, 0, "alidade v"},
      {{"list", "nodes"}, 1, "GetNodes not implemented"},
      {{"list", "namespaces"}, 0, ""},
      {{"list", "namespaces", "-o", "json"}, 0, ""},
      {{"observe"}, 0, "FORWARDED"},
      {{"observe", "flows", "--last", "100", "-o", "dict"}, 0, "    VERDICT: DROPPED"},
      {{"observe", "--first", "100", "-o", "table"}, 0, "DESTINATION"},
      {{"observe", "--all", "-o", "jsonpb"}, 0, "\"node_name\":\"test-node\""},
      {{"observe", "--since", "1h", "--until", "1s"}, 0, ""},
      {{"observe", "agent-events"}, 0, ""},
      {{"observe", "debug-events", "--last", "5"}, 0, ""},
      {{"config", "view"}, 0, ""},
      {{"version"}, 0, ""},
  };
  for (const std::string& hubble : HubbleVersions()) {
    for (const Row& row : rows) {
      std::vector<std::string> command = node.CommandLine();
      command[0] = hubble;
      command.insert(command.end(), row.words.begin(), row.words.end());
      const CommandResult result = RunCommand(command);
      INFO(hubble << " " << row.words[0] << " " << (row.words.size() > 1 ? row.words[1] : "")
                  << ": " << result.output);
      CHECK(result.status == row.status);
      CHECK(Contains(result.output, row.output));
      // Older ones are told that they are older than the server, in one line.
      if (hubble == node.CommandLine()[0]) CHECK_FALSE(Contains(result.output, "WARN"));
    }
  }
}

TEST_CASE("hubble observe gets the fields that it asks for", "[clients]") {
  const SpeakingNode node;
  const CommandResult result =
      node.Hubble({"observe", "--last", "1", "-o", "json", "--field-mask", "verdict,time"});
  INFO(result.output);
  CHECK(result.status == 0);
  const nlohmann::json flow = nlohmann::json::parse(result.output)["flow"];
  CHECK(flow.size() == 2);
  CHECK(flow.contains("time"));
  CHECK(flow.contains("verdict"));
}

TEST_CASE("hubble watch peers is told of the node", "[clients]") {
  const SpeakingNode node;
  for (const std::string& hubble : HubbleVersions()) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    const std::string target = node.CommandLine()[2];
    const pid_t child = fork();
    if (child == 0) {
      dup2(ends[1], STDOUT_FILENO);
      execl(hubble.c_str(), hubble.c_str(), "--server", target.c_str(), "watch", "peers",
            static_cast<char*>(nullptr));
      _exit(127);
    }
    close(ends[1]);
    FILE* output = fdopen(ends[0], "r");
    char line[4096] = "";
    CHECK(fgets(line, sizeof(line), output) != nullptr);
    CHECK(std::string(line) == "PEER_ADDED   127.0.0.1:4244 test-node\n");
    kill(child, SIGINT);
    waitpid(child, nullptr, 0);
    fclose(output);
  }
}

TEST_CASE("hubble says what is wrong with a filter", "[clients]") {
  const SpeakingNode node;
  const CommandResult result =
      node.Hubble({"observe", "--allowlist", R"({"source_ip":["300.1"]})"});
  INFO(result.output);
  CHECK(result.status == 1);
  CHECK(Contains(result.output, "invalid IP address"));
}

}  // namespace alidade::testing
