// SPDX-License-Identifier: Apache-2.0
//
// Whose listener a connection reached, where several processes listen on one port.
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/listener_chooser.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/server_process.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

constexpr const char* kServer = "10.99.0.2";
constexpr const char* kServer6 = "fd99::2";

// How many connections servers have opened so, by the kernel's count.
int FastOpensIn(const NetworkNamespace& space) {
  int count = -1;
  space.Inside([&] {
    std::ifstream file("/proc/thread-self/net/netstat");  // a line of names, a line of numbers
    for (std::string names, numbers; std::getline(file, names) && std::getline(file, numbers);) {
      std::istringstream name(names), number(numbers);
      std::string key, value;
      while (name >> key && number >> value) {
        if (key == "TCPFastOpenPassive") count = std::stoi(value);
      }
    }
  });
  return count;
}

// A pod whose servers a host connects to, and an agent that reports every packet on the way.
class Servers {
 public:
  Servers() {
    Connect(host_, "to-pod", pod_, "eth0");
    pod_.Ip("addr add 10.99.0.3/24 dev eth0");
    agent_ = std::make_unique<AgentProcess>(
        &host_, std::vector<std::string>{"--monitor-aggregation", "none"});
    agent_->WaitForAttached("to-pod");
  }

  std::unique_ptr<ServerProcess> Start(const Listening& listening) {
    return std::make_unique<ServerProcess>(pod_, listening, accepted_);
  }

  // Connects, and returns who accepted; checks that the packets of the accepted socket say so.
  // `opens_fast`: the first packet has data.
  pid_t CheckConnection(const std::string& ip, uint16_t port, bool opens_fast = false) {
    INFO("connection to " << ip << " " << port);
    host_.Inside([&] {
      const Peer peer(ip, port);
      const Socket client(peer.family, SOCK_STREAM);
      const Peer any(peer.family == AF_INET6 ? "::" : "0.0.0.0", 0);
      REQUIRE((opens_fast ? bind(client.fd(), any.address(), any.size)
                          : connect(client.fd(), peer.address(), peer.size)) == 0);
      const uint16_t own = LocalPort(client);
      REQUIRE((opens_fast
                   ? sendto(client.fd(), &own, sizeof(own), MSG_FASTOPEN, peer.address(), peer.size)
                   : send(client.fd(), &own, sizeof(own), 0)) == sizeof(own));
      char byte;
      while (read(client.fd(), &byte, 1) > 0) continue;
    });
    const Accepted accepted = accepted_.Next();
    const auto is_answer = [&](const flow::Flow& flow) {
      return flow.event_type().type() == 4 && flow.l4().tcp().source_port() == port &&
             flow.l4().tcp().destination_port() == accepted.client_port;
    };
    agent_->WaitForFlow("the server's last packet", [&](const flow::Flow& flow) {
      return is_answer(flow) && flow.l4().tcp().flags().fin();
    });
    bool is_answer_named = false;  // the very first
    std::set<double> named;        // the processes that packets of the accepted socket say it is of
    for (const flow::Flow& flow : agent_->Flows()) {
      // A packet without a socket is the receiver's: the last acknowledgement, when it is sent for
      // a connection in TIME_WAIT.
      const double pid = NumberIn(flow, "pid");
      if (!is_answer(flow) || pid == 0 || pid == getpid()) continue;
      named.insert(pid);
      is_answer_named |= flow.l4().tcp().flags().syn();
    }
    CHECK(is_answer_named);
    CHECK(named == std::set<double>{static_cast<double>(accepted.server)});
    return accepted.server;
  }

  const NetworkNamespace& host() const { return host_; }
  const NetworkNamespace& pod() const { return pod_; }

 private:
  const NetworkNamespace host_{"host"};
  const NetworkNamespace pod_{"pod"};
  const AcceptedPipe accepted_;
  std::unique_ptr<AgentProcess> agent_;
};

}  // namespace

TEST_CASE("an accepted socket belongs to the process that listens there, whoever else does",
          "[kernel][vm]") {
  Servers servers;

  // One port on two addresses, and on every address of either family.
  const auto on_2 = servers.Start({.ip = kServer, .port = 1001});
  const auto on_3 = servers.Start({.ip = "10.99.0.3", .port = 1001});
  const auto on_6 = servers.Start({.ip = "::", .port = 1001, .only_ipv6 = true});
  CHECK(servers.CheckConnection(kServer, 1001) == on_2->pid());
  CHECK(servers.CheckConnection("10.99.0.3", 1001) == on_3->pid());
  CHECK(servers.CheckConnection(kServer6, 1001) == on_6->pid());
  const auto every_4 = servers.Start({.ip = "0.0.0.0", .port = 1002});
  const auto every_6 = servers.Start({.ip = "::", .port = 1002, .only_ipv6 = true});
  CHECK(servers.CheckConnection(kServer, 1002) == every_4->pid());
  CHECK(servers.CheckConnection(kServer6, 1002) == every_6->pid());
  const auto both = servers.Start({.ip = "::", .port = 1003});
  CHECK(servers.CheckConnection(kServer, 1003) == both->pid());
  CHECK(servers.CheckConnection(kServer6, 1003) == both->pid());

  // One that came after another had gone.
  auto first = servers.Start({.ip = kServer, .port = 1004});
  servers.CheckConnection(kServer, 1004);
  first.reset();
  auto second = servers.Start({.ip = "::", .port = 1004});
  CHECK(servers.CheckConnection(kServer, 1004) == second->pid());
  second.reset();
  const auto third = servers.Start({.ip = kServer, .port = 1004});
  CHECK(servers.CheckConnection(kServer, 1004) == third->pid());

  // Several of which the kernel chooses one, and one for each interface.
  const auto sharing = servers.Start({.ip = kServer, .port = 1005, .shares_port = true});
  const auto sharer = servers.Start({.ip = kServer, .port = 1005, .shares_port = true});
  for (int i = 0; i < 8; ++i) servers.CheckConnection(kServer, 1005);
  const auto inside = servers.Start({.ip = "0.0.0.0", .port = 1006, .device = "lo"});
  const auto outside = servers.Start({.ip = "0.0.0.0", .port = 1006, .device = "eth0"});
  CHECK(servers.CheckConnection(kServer, 1006) == outside->pid());

  // One that never said where.
  servers.pod().Inside(
      [] { std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << "2011 2011"; });
  const auto anywhere = servers.Start({.ip = "0.0.0.0", .port = 2011, .is_bound = false});
  CHECK(servers.CheckConnection(kServer, 2011) == anywhere->pid());
}

// The accepted socket is made by the SYN, before it is answered.
TEST_CASE("a connection that opens fast is its listener's too", "[kernel][vm-all]") {
  Servers servers;
  // Both sides do without the cookies of RFC 7413, as Documentation/networking/ip-sysctl.rst has
  // it.
  servers.host().Run("sysctl -qw net.ipv4.tcp_fastopen=0x5");
  servers.pod().Run("sysctl -qw net.ipv4.tcp_fastopen=0x202");
  const auto server = servers.Start({.ip = kServer, .port = 1011, .opens_fast = true});
  CHECK(servers.CheckConnection(kServer, 1011, /*opens_fast=*/true) == server->pid());
  CHECK(FastOpensIn(servers.pod()) == 1);
}

// Where another process listens at what they were meant for: its name would be a guess.
TEST_CASE("connections that a proxy takes for others are the proxy's", "[kernel]") {
  Servers servers;
  const NetworkNamespace& pod = servers.pod();
  pod.Run("nft add table inet divert");
  pod.Run("nft add chain inet divert in { type filter hook prerouting priority -150 ; }");
  pod.Run("nft add rule inet divert in tcp dport 1008 tproxy ip to :1007 meta mark set 1 accept");
  pod.Ip("rule add fwmark 1 lookup 100");
  pod.Ip("route add local 0.0.0.0/0 dev lo table 100");
  const auto other = servers.Start({.ip = kServer, .port = 1008});
  const auto proxy = servers.Start({.ip = "0.0.0.0", .port = 1007, .takes_others = true});
  CHECK(servers.CheckConnection(kServer, 1008) == proxy->pid());
}

TEST_CASE("where programs choose the listener, it is that one", "[kernel][vm-all]") {
  constexpr uint16_t kChosen = 1009, kListens = 1010;
  Servers servers;
  const auto other = servers.Start({.ip = kServer, .port = kChosen});
  ListenerChooser chooser(kChosen);
  const Listening how = {.ip = kServer, .port = kListens, .told_map = chooser.map()};
  SECTION("before it listens") {
    chooser.Attach(servers.pod());
    const auto server = servers.Start(how);
    CHECK(servers.CheckConnection(kServer, kChosen) == server->pid());
  }
  SECTION("since it listens") {
    const auto server = servers.Start(how);
    chooser.Attach(servers.pod());
    CHECK(servers.CheckConnection(kServer, kChosen) == server->pid());
  }
}

}  // namespace alidade::testing
