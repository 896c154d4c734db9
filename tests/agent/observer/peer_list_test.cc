// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/peer_list.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "agent/filter/concat.h"
#include "tests/agent/observer/server_fixture.h"
#include "tests/support/temporary_folder.h"

namespace alidade {
namespace {

PeerMap Parsed(std::string_view text, bool tls = false) {
  const absl::StatusOr<PeerMap> peers = ParsePeers(text, {"c1", "4244", tls});
  INFO(peers.status());
  REQUIRE(peers.ok());
  return *peers;
}

std::string ErrorOf(std::string_view text) {
  const absl::Status status = ParsePeers(text, {"c1", "4244", true}).status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  return std::string(AsView(status.message()));
}

TEST_CASE("a server name has dashes for the dots of node and cluster", "[observer]") {
  CHECK(TlsServerName("ip-10-0-0-1.ec2.internal", "c.1") ==
        "ip-10-0-0-1-ec2-internal.c-1.hubble-grpc.cilium.io");
  CHECK(TlsServerName("node-1", "") == "node-1.default.hubble-grpc.cilium.io");
  CHECK(TlsServerName("", "c1").empty());
}

TEST_CASE("a line is a name and an address that may lack its port", "[observer]") {
  const PeerMap peers = Parsed(R"(# the cluster
node-1  192.0.2.1
node-2	192.0.2.2:5555   # another port
c2/node-3 2001:db8::3
node-4 [2001:db8::4]:4444
default/node-5 host.example:4244
node-6 host.example
node-7 unix:///run/hubble.sock

)");
  REQUIRE(peers.size() == 7);
  CHECK(peers.at("c1/node-1").address == "192.0.2.1:4244");
  CHECK(peers.at("c1/node-2").address == "192.0.2.2:5555");
  CHECK(peers.at("c2/node-3").address == "[2001:db8::3]:4244");
  CHECK(peers.at("c1/node-4").address == "[2001:db8::4]:4444");
  CHECK(peers.at("node-5").address == "host.example:4244");
  CHECK(peers.at("c1/node-6").address == "host.example:4244");
  CHECK(peers.at("c1/node-7").address == "unix:///run/hubble.sock");
  for (const auto& [name, peer] : peers) CHECK(peer.server_name.empty());
}

TEST_CASE("nodes that serve TLS have the server name that relay expects", "[observer]") {
  const PeerMap peers =
      Parsed("node.1 192.0.2.1\nc2/node-2 192.0.2.2\nn3 192.0.2.3 own.name\n", true);
  CHECK(peers.at("c1/node.1").server_name == "node-1.c1.hubble-grpc.cilium.io");
  CHECK(peers.at("c2/node-2").server_name == "node-2.c2.hubble-grpc.cilium.io");
  CHECK(peers.at("c1/n3").server_name == "own.name");
}

TEST_CASE("a bad line is named with what would be right", "[observer]") {
  CHECK(ErrorOf("n1 192.0.2.1\nnode-2\n") == "line 2: must be NAME ADDRESS [TLS-SERVER-NAME]");
  CHECK(ErrorOf("a b c d") == "line 1: must be NAME ADDRESS [TLS-SERVER-NAME]");
  for (const char* name : {"/n", "c/", "a/b/c"}) {
    CHECK(ErrorOf(Concat(name, " 192.0.2.1")) ==
          Concat("line 1: name \"", name, "\" must be NODE or CLUSTER/NODE"));
  }
  for (const char* address : {":4244", "192.0.2.1:port", "192.0.2.1:", "a:b:c"}) {
    CHECK(ErrorOf(Concat("n1 ", address)) ==
          Concat("line 1: address \"", address, "\" must be HOST or HOST:PORT, IPv6 in brackets"));
  }
  CHECK(ErrorOf("n1 192.0.2.1\nc1/n1 192.0.2.2") == "line 2: node c1/n1 is named twice");
}

TEST_CASE("a file of peers that is not there or too large is refused", "[observer]") {
  const testing::TemporaryFolder folder;
  const std::string path = folder / "peers";
  CHECK(ReadPeerFile(path, {}).status().code() == absl::StatusCode::kNotFound);
  std::ofstream(path) << std::string(kMostPeerFileBytes + 1, '\n');
  CHECK(ReadPeerFile(path, {}).status().code() == absl::StatusCode::kResourceExhausted);
  std::ofstream(path) << "n1";
  CHECK(AsView(ReadPeerFile(path, {}).status().message()) ==
        Concat(path, ": line 1: must be NAME ADDRESS [TLS-SERVER-NAME]"));
}

}  // namespace
}  // namespace alidade
