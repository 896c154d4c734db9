// SPDX-License-Identifier: Apache-2.0
//
// The genuine hubble-relay in front of three agents, each on a test host of its own, with mutual
// TLS; and the genuine hubble CLI in front of that. The paths of the two come from the environment
// variables RELAY and HUBBLE; `./dev test clients` builds them.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/clients/background_process.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/netns.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace alidade::testing {
namespace {

using Words = std::vector<std::string>;

constexpr std::chrono::seconds kPatience{90};  // relay looks again every few seconds

const char* Tool(const char* variable) {
  const char* path = std::getenv(variable);
  if (path == nullptr) SKIP(variable << " does not name a genuine client");
  return path;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Hosts 10.98.0.<number> on the bridge of a host in the middle, where relay and the CLI run.
class Cluster {
 public:
  Cluster() : nodes_ca_(folder_.path(), "nodes"), relay_ca_(folder_.path(), "relay") {
    hub_.Ip("link add br0 type bridge");
    hub_.Ip("addr add 10.98.0.254/24 dev br0");
    hub_.Ip("link set br0 up");
    IssueForNodes();
    relay_ca_.Issue("client", "relay.hubble-relay.cilium.io");
    for (int number = 1; number <= 3; ++number) AddHost(number);
    WritePeers();
    for (int number = 1; number <= 3; ++number) StartAgent(number);
    relay_ = std::make_unique<BackgroundProcess>(
        &hub_,
        Words{Tool("RELAY"), "serve", "--gops=false", "--disable-server-tls",
              "--listen-address=127.0.0.1:4245", "--health-listen-address=127.0.0.1:4222",
              "--peer-service=10.98.0.1:4244", "--retry-timeout=1s",
              "--tls-hubble-client-cert-file=" + relay_ca_.cert_file("client"),
              "--tls-hubble-client-key-file=" + relay_ca_.key_file("client"),
              "--tls-hubble-server-ca-files=" + nodes_ca_.ca_file()},
        folder_ / "relay.log");
  }
  ~Cluster() {
    relay_ = nullptr;
    agents_.clear();
  }

  void IssueForNodes() { nodes_ca_.Issue("node", "*.default.hubble-grpc.cilium.io"); }

  void AddHost(int number) {
    const std::string text = std::to_string(number);
    hosts_.push_back(std::make_unique<NetworkNamespace>("node" + text));
    hub_.Ip("link add h" + text + " type veth peer name eth0 netns " + hosts_.back()->name());
    hub_.Ip("link set h" + text + " master br0 up");
    hosts_.back()->Ip("addr add " + Address(number) + "/24 dev eth0");
    hosts_.back()->Ip("link set eth0 up");
  }

  // All hosts that there are, at once, as careful programs write.
  void WritePeers() const {
    const std::string fresh = folder_ / "peers.fresh";
    std::ofstream file(fresh);
    for (size_t i = 1; i <= hosts_.size(); ++i) {
      file << "node-" << i << " " << Address(static_cast<int>(i)) << "\n";
    }
    file.close();
    std::filesystem::rename(fresh, folder_ / "peers");
  }

  void StartAgent(int number) {
    const size_t index = static_cast<size_t>(number) - 1;
    if (agents_.size() <= index) agents_.resize(index + 1);
    agents_[index] = std::make_unique<AgentProcess>(
        hosts_[index].get(),
        Words{"--node-name=node-" + std::to_string(number),
              "--listen-address=" + Address(number) + ":4244",
              "--tls-cert-file=" + nodes_ca_.cert_file("node"),
              "--tls-key-file=" + nodes_ca_.key_file("node"),
              "--tls-client-ca-files=" + relay_ca_.ca_file(), "--peers=" + folder_ / "peers"});
  }
  void KillAgent(int number) {
    agents_[static_cast<size_t>(number) - 1]->Stop(SIGKILL);
    agents_[static_cast<size_t>(number) - 1] = nullptr;
  }

  CommandResult Hubble(const Words& arguments) const {
    Words command = {"ip",           "netns",    "exec",          hub_.name(),
                     Tool("HUBBLE"), "--server", "127.0.0.1:4245"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return RunCommand(command);
  }

  // Runs a command again until its output fulfils `condition`.
  std::string WaitFor(const Words& arguments,
                      const std::function<bool(const std::string&)>& condition) const {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      const CommandResult result = Hubble(arguments);
      if (condition(result.output)) return result.output;
      INFO(result.output << "\nrelay: " << ReadWhole(folder_ / "relay.log"));
      REQUIRE(relay_->runs());
      REQUIRE(std::chrono::steady_clock::now() < give_up);
    }
  }

  // Waits until `hubble list nodes` shows so many nodes as connected and no other.
  void WaitForConnected(size_t wanted, size_t known) const {
    WaitFor({"list", "nodes", "-o", "json"}, [&](const std::string& output) {
      const nlohmann::json nodes = nlohmann::json::parse(output, nullptr, false);
      if (!nodes.is_array() || nodes.size() != known) return false;
      size_t connected = 0;
      for (const auto& node : nodes) connected += node.value("state", "") == "NODE_CONNECTED";
      return connected == wanted;
    });
  }

  // The nodes that flows which relay gives come from.
  std::set<std::string> NodesOfFlows() const {
    std::set<std::string> nodes;
    std::istringstream lines(Hubble({"observe", "--last", "20", "-o", "json"}).output);
    for (std::string line; std::getline(lines, line);) {
      const nlohmann::json response = nlohmann::json::parse(line, nullptr, false);
      if (response.is_object() && response.contains("flow")) {
        nodes.insert(response["flow"].value("node_name", ""));
      }
    }
    return nodes;
  }

  // Runs a subcommand of alidade against a node, with relay's certificate.
  CommandResult Alidade(const std::string& subcommand, int number) const {
    return RunCommand({"ip", "netns", "exec", hub_.name(), AgentBinary(), subcommand, "--server",
                       "tls://" + Address(number) + ":4244", "--tls-ca-cert-files",
                       nodes_ca_.ca_file(), "--tls-client-cert-file", relay_ca_.cert_file("client"),
                       "--tls-client-key-file", relay_ca_.key_file("client"), "--tls-server-name",
                       "node-" + std::to_string(number) + ".default.hubble-grpc.cilium.io"});
  }

  // Makes each node say something.
  void Ping() const {
    for (size_t i = 1; i <= hosts_.size(); ++i) {
      RunCommand({"ip", "netns", "exec", hub_.name(), "bash", "-c",
                  "echo hello >/dev/udp/" + Address(static_cast<int>(i)) + "/9"});
    }
  }

  std::unique_ptr<BackgroundProcess> Follow(const std::string& output) const {
    return std::make_unique<BackgroundProcess>(&hub_,
                                               Words{Tool("HUBBLE"), "--server", "127.0.0.1:4245",
                                                     "observe", "-f", "--port", "9", "-o", "json"},
                                               output);
  }

  std::string file(const std::string& name) const { return folder_ / name; }

 private:
  static std::string Address(int number) { return "10.98.0." + std::to_string(number); }

  const TemporaryFolder folder_;
  CertificateAuthority nodes_ca_;
  CertificateAuthority relay_ca_;
  NetworkNamespace hub_{"hub"};
  std::vector<std::unique_ptr<NetworkNamespace>> hosts_;
  std::vector<std::unique_ptr<AgentProcess>> agents_;
  std::unique_ptr<BackgroundProcess> relay_;
};

const std::set<std::string> kThree = {"node-1", "node-2", "node-3"};

TEST_CASE("relay shows three agents as one", "[clients]") {
  Tool("RELAY");
  Tool("HUBBLE");
  const Cluster cluster;
  cluster.WaitForConnected(3, 3);
  cluster.Ping();
  CHECK(cluster.NodesOfFlows() == kThree);
  // Relay looks at its own health every few seconds.
  const std::string status = cluster.WaitFor(
      {"status"}, [](const std::string& output) { return Contains(output, "Ok\n"); });
  INFO(status);
  CHECK(Contains(status, "Connected Nodes: 3/3"));
  const std::string nodes = cluster.Hubble({"list", "nodes", "-o", "wide"}).output;
  INFO(nodes);
  CHECK(Contains(nodes, "alidade v"));
  CHECK(Contains(nodes, "10.98.0.2:4244"));
  CHECK(Contains(nodes, "Enabled"));
  CHECK(cluster.Hubble({"list", "namespaces"}).status == 0);
  const CommandResult own = cluster.Alidade("status", 2);
  INFO(own.output);
  CHECK(own.status == 0);
  CHECK(Contains(own.output, "Node: node-2"));
  CHECK(cluster.Alidade("observe", 2).status == 0);
}

TEST_CASE("an agent that dies is missed and comes back", "[clients]") {
  Tool("RELAY");
  Tool("HUBBLE");
  Cluster cluster;
  cluster.WaitForConnected(3, 3);
  cluster.KillAgent(3);
  cluster.WaitForConnected(2, 3);
  cluster.Ping();
  CHECK(cluster.NodesOfFlows() == std::set<std::string>{"node-1", "node-2"});
  cluster.StartAgent(3);
  cluster.WaitForConnected(3, 3);
  cluster.Ping();
  CHECK(cluster.NodesOfFlows() == kThree);
}

TEST_CASE("new certificates and a new node disturb no stream", "[clients]") {
  Tool("RELAY");
  Tool("HUBBLE");
  Cluster cluster;
  cluster.WaitForConnected(3, 3);
  const std::string path = cluster.file("follow.jsonl");
  const auto follow = cluster.Follow(path);
  const auto wait_for_flow_of = [&](const std::string& node) {
    const std::string name = "\"node_name\":\"" + node + "\"";
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    const size_t before = ReadWhole(path).size();
    while (!Contains(ReadWhole(path).substr(before), name)) {
      INFO(ReadWhole(path));
      REQUIRE(follow->runs());
      REQUIRE(std::chrono::steady_clock::now() < give_up);
      cluster.Ping();
      usleep(20'000);
    }
  };
  wait_for_flow_of("node-2");
  cluster.IssueForNodes();
  cluster.AddHost(4);
  cluster.WritePeers();
  cluster.StartAgent(4);
  cluster.WaitForConnected(4, 4);
  wait_for_flow_of("node-1");
  wait_for_flow_of("node-4");  // relay asks a node that comes later too
  CHECK(!Contains(ReadWhole(path), "EOF"));
}

}  // namespace
}  // namespace alidade::testing
