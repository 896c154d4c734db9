// SPDX-License-Identifier: Apache-2.0
//
// The genuine hubble-relay in front of three of our agents, and in front of three of Cilium's own
// servers (hubble-server/), over the same recordings with mutual TLS: the genuine CLI gets the same
// answers. RELAY, HUBBLE and HUBBLE_SERVER_PEER name the programs; `./dev test clients` builds
// them.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/clients/background_process.h"
#include "tests/clients/flow_recording.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace alidade::testing {
namespace {

using Words = std::vector<std::string>;

constexpr int kNodes = 3;
constexpr std::chrono::seconds kPatience{90};  // relay looks again every few seconds

std::string Tool(const char* variable) {
  const char* path = std::getenv(variable);
  if (path == nullptr) SKIP(variable << " does not name a genuine program");
  return path;
}

std::string NodeName(int number) { return "node-" + std::to_string(number); }

// What both clusters have in common. Nodes are on 127.0.0.1, .2 and .3.
class Ground {
 public:
  Ground() {
    nodes_ca_ = std::make_unique<CertificateAuthority>(folder_.path(), "nodes");
    relay_ca_ = std::make_unique<CertificateAuthority>(folder_.path(), "relay");
    nodes_ca_->Issue("node", "*.default.hubble-grpc.cilium.io");
    relay_ca_->Issue("client", "relay.hubble-relay.cilium.io");
    std::ofstream peers(file("peers"));
    for (int number = 1; number <= kNodes; ++number) {
      peers << NodeName(number) << " 127.0.0." << number << "\n";
      WriteFlowRecording(Recording(number), NodeName(number), number, kNodes);
    }
  }

  std::string file(const std::string& name) const { return folder_ / name; }
  std::string Recording(int number) const { return file(NodeName(number) + ".jsonl"); }

  // The flags about TLS and peers are the same for both servers.
  Words NodeFlags(int number) const {
    return {"--node-name=" + NodeName(number), "--peers=" + file("peers"),
            "--tls-cert-file=" + nodes_ca_->cert_file("node"),
            "--tls-key-file=" + nodes_ca_->key_file("node"),
            "--tls-client-ca-files=" + relay_ca_->ca_file()};
  }
  Words RelayCommand(int port, int node_port) const {
    const auto local = [](int number) { return "127.0.0.1:" + std::to_string(number); };
    return {Tool("RELAY"),
            "serve",
            "--gops=false",
            "--disable-server-tls",
            "--listen-address=" + local(port),
            "--health-listen-address=" + local(port + 1),
            "--peer-service=" + local(node_port),
            "--retry-timeout=1s",
            "--tls-hubble-client-cert-file=" + relay_ca_->cert_file("client"),
            "--tls-hubble-client-key-file=" + relay_ca_->key_file("client"),
            "--tls-hubble-server-ca-files=" + nodes_ca_->ca_file()};
  }

 private:
  const TemporaryFolder folder_;
  std::unique_ptr<CertificateAuthority> nodes_ca_;
  std::unique_ptr<CertificateAuthority> relay_ca_;
};

// A relay on `port` and the nodes behind it, which are started with the port after that and health.
class Cluster {
 public:
  Cluster(const Ground& ground, bool genuine, int port)
      : server_("127.0.0.1:" + std::to_string(port)) {
    const int node_port = port + 2;
    for (int number = 1; number <= kNodes; ++number) {
      Words flags = ground.NodeFlags(number);
      const std::string address =
          "127.0.0." + std::to_string(number) + ":" + std::to_string(node_port);
      if (genuine) {
        flags.insert(flags.begin(), Tool("HUBBLE_SERVER_PEER"));
        flags.push_back("--flows=" + ground.Recording(number));
        flags.push_back("--listen=" + address);
        others_.push_back(
            std::make_unique<BackgroundProcess>(nullptr, flags, ground.file("genuine.log")));
      } else {
        flags.push_back("--source=replay:" + ground.Recording(number));
        flags.push_back("--replay-pace=fastest");
        flags.push_back("--listen-address=" + address);
        agents_.push_back(std::make_unique<AgentProcess>(nullptr, flags));
      }
    }
    others_.push_back(std::make_unique<BackgroundProcess>(
        nullptr, ground.RelayCommand(port, node_port), ground.file("relay.log")));
    WaitUntilWhole(ground);
  }

  // Of our own client.
  std::string Alidade(Words command) const {
    command.insert(command.begin(), AgentBinary());
    command.insert(command.end(), {"--server", server_});
    return RunCommand(command).output;
  }

  std::string Hubble(const Words& arguments) const {
    Words command = {Tool("HUBBLE"), "--server", server_};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return RunCommand(command).output;
  }

  // The nodes as `hubble list nodes` has them, but for what is the server's own: its version, for
  // how long it has run, the port, and the guard of Cilium's ring (hubble-server/main.go) in the
  // counts.
  nlohmann::json Nodes() const {
    nlohmann::json nodes = nlohmann::json::parse(Hubble({"list", "nodes", "-o", "json"}),
                                                 /*callback=*/nullptr, /*allow_exceptions=*/false);
    if (!nodes.is_array()) return {};
    for (nlohmann::json& node : nodes) {
      for (const char* key : {"version", "uptime_ns", "num_flows"}) node.erase(key);
      const std::string address = node["address"];
      node["address"] = address.substr(0, address.rfind(':'));
    }
    return nodes;
  }

 private:
  // Until relay reaches all nodes, and each has all its flows.
  void WaitUntilWhole(const Ground& ground) const {
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      const nlohmann::json nodes = Nodes();
      const bool is_whole =
          nodes.size() == kNodes && std::all_of(nodes.begin(), nodes.end(), [](const auto& node) {
            return node.value("state", "") == "NODE_CONNECTED" &&
                   node.value("seen_flows", "") == nodes_flows();
          });
      if (is_whole) return;
      INFO(nodes.dump() << "\nrelay: " << ReadWhole(ground.file("relay.log"))
                        << "\nservers: " << ReadWhole(ground.file("genuine.log")));
      REQUIRE(std::chrono::steady_clock::now() < give_up);
    }
  }

  static std::string nodes_flows() {
    const std::string text = ReadWhole(kFlowsOfEachShape);
    size_t count = 0;
    for (size_t at = text.find("{\"flow\""); at != std::string::npos;
         at = text.find("{\"flow\"", at + 1)) {
      ++count;
    }
    return std::to_string(count);
  }

  const std::string server_;
  std::vector<std::unique_ptr<AgentProcess>> agents_;
  std::vector<std::unique_ptr<BackgroundProcess>> others_;
};

// Lines in an order of their own: relay's depends on which node answers first. Without those about
// nodes, which carry the time of the call.
std::vector<std::string> FlowLines(const std::string& output) {
  std::vector<std::string> lines;
  std::istringstream input(output);
  for (std::string line; std::getline(input, line);) {
    if (line.find("node_status") == std::string::npos) lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST_CASE("relay answers the same over ours as over Cilium's own servers", "[clients]") {
  for (const char* tool : {"RELAY", "HUBBLE", "HUBBLE_SERVER_PEER"}) Tool(tool);
  const Ground ground;
  const Cluster genuine(ground, /*genuine=*/true, 14240);
  const Cluster ours(ground, /*genuine=*/false, 14250);
  CHECK(ours.Nodes() == genuine.Nodes());
  CHECK(ours.Hubble({"list", "namespaces"}) == genuine.Hubble({"list", "namespaces"}));
  const Words requests[] = {
      {"--all"},
      {"--last", "5"},
      {"--first", "5"},
      {"--verdict", "DROPPED", "--all"},
      {"--not", "--protocol", "tcp", "--all"},
      {"--since", "2024-03-10T00:01:00Z"},
      {"--until", "2024-03-10T00:01:00Z"},
      {"--node-name", "node-2", "--all"},
      {"--all", "--field-mask", "time,node_name,source.namespace"},
      {"--http-status", "600"},
  };
  for (const Words& request : requests) {
    Words words = {"observe", "-o", "json"};
    words.insert(words.end(), request.begin(), request.end());
    const std::vector<std::string> expected = FlowLines(genuine.Hubble(words));
    const std::vector<std::string> got = FlowLines(ours.Hubble(words));
    INFO(request.front() << " " << request.back());
    CHECK(got == expected);
    CHECK(FlowLines(ours.Alidade(words)) == expected);
  }
}

}  // namespace
}  // namespace alidade::testing
