// SPDX-License-Identifier: Apache-2.0
//
// What is not a drop is not reported: much traffic over a link where nothing is lost.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

constexpr size_t kBulkBytes = 100'000'000;
constexpr int kConnections = 500;
constexpr int kDatagrams = 2000;

// No socket: by its reason, or where the kernel gives none, by its function.
bool IsForNoSocket(const flow::Flow& flow) {
  const std::string reason = TextIn(flow, "drop_reason");
  return (flow.file().name() == "tcp_v4_rcv" || flow.file().name() == "tcp_v6_rcv") &&
         (reason == "NO_SOCKET" || reason.empty());
}

int64_t TimeOf(const flow::Flow& flow) {
  return flow.time().seconds() * 1'000'000'000 + flow.time().nanos();
}

// Which connections were over when: both sides had sent their FIN.
class Ends {
 public:
  explicit Ends(const std::vector<flow::Flow>& flows) {
    for (const flow::Flow& flow : flows) {
      if (flow.verdict() != flow::DROPPED && flow.l4().tcp().flags().fin()) {
        fins_.try_emplace(Ports(flow), TimeOf(flow));
      }
    }
  }

  // What comes for a connection that is over finds no socket and is answered with a RST: a drop
  // that is the kernel's own, as when a stranger looks for open ports. Two CPUs bring one about
  // when the packets of one overtake the other's, a slow machine when it sends a FIN again, and
  // with it comes its acknowledgement. Before 5.17 a FIN that meets TIME_WAIT looks the same.
  bool WasBefore(const flow::Flow& flow) const {
    const auto [source, destination] = Ports(flow);
    const auto fin = fins_.find({source, destination}), other = fins_.find({destination, source});
    return fin != fins_.end() && other != fins_.end() &&
           std::max(fin->second, other->second) < TimeOf(flow);
  }

 private:
  static std::pair<uint32_t, uint32_t> Ports(const flow::Flow& flow) {
    return {flow.l4().tcp().source_port(), flow.l4().tcp().destination_port()};
  }

  std::map<std::pair<uint32_t, uint32_t>, int64_t> fins_;
};

struct Node {
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  std::optional<AgentProcess> agent;

  Node() {
    Connect(host, "to-pod", pod, "eth0");
    agent.emplace(&host, std::vector<std::string>{"--event-buffer-capacity", "65535"});
    agent->WaitForAttached("to-pod");
  }

  // A socket of the host's at `ip`.
  Socket Listen(int type, const std::string& ip) const {
    std::optional<Socket> server;
    host.Inside([&] { server.emplace(Serve(type, ip)); });
    return std::move(*server);
  }

  // Everything that the link carried so far has been stored: a drop that comes after it has.
  void CheckNoDrops() const {
    uint16_t last = 0;
    pod.Inside([&] { last = SendUdp("10.99.0.1", 9, "anybody?"); });
    agent->WaitForFlow("a drop after it", [&](const flow::Flow& flow) {
      return flow.verdict() == flow::DROPPED && flow.l4().udp().source_port() == last;
    });
    const std::vector<flow::Flow> flows = agent->Flows();
    const Ends ends(flows);
    for (const flow::Flow& flow : flows) {
      const bool is_ours =
          flow.ip().source().starts_with("10.99.0.") || flow.ip().source().starts_with("fd99::");
      if (flow.verdict() != flow::DROPPED || !is_ours) continue;
      if (flow.l4().udp().source_port() == last) continue;
      if (IsForNoSocket(flow) && ends.WasBefore(flow)) continue;
      FAIL_CHECK("a drop: " << flow.ShortDebugString());
    }
  }
};

constexpr int kPatienceMs = 60'000;

// For the other side's thread, where nothing may fail the test: without a connection, no socket.
Socket Accept(const Socket& listener) {
  pollfd waited{listener.fd(), POLLIN, 0};
  if (poll(&waited, 1, kPatienceMs) != 1) return Socket(-1);
  return Socket(accept(listener.fd(), nullptr, nullptr));
}

// Reads one byte, if it comes.
bool Receive(const Socket& socket, char* byte, sockaddr_storage* from, socklen_t* size) {
  pollfd waited{socket.fd(), POLLIN, 0};
  return poll(&waited, 1, kPatienceMs) == 1 &&
         recvfrom(socket.fd(), byte, 1, 0, reinterpret_cast<sockaddr*>(from), size) == 1;
}

// Reads to the end; returns how much came.
size_t Drain(const Socket& socket) {
  std::vector<char> buffer(1 << 16);
  size_t total = 0;
  for (ssize_t n; (n = read(socket.fd(), buffer.data(), buffer.size())) > 0;) {
    total += static_cast<size_t>(n);
  }
  return total;
}

Socket ConnectTo(const std::string& ip, uint16_t port) {
  const Peer peer(ip, port);
  Socket client(peer.family, SOCK_STREAM);
  REQUIRE(connect(client.fd(), peer.address(), peer.size) == 0);
  return client;
}

void SendBulk(const Node& node, const std::string& ip) {
  const Socket listener = node.Listen(SOCK_STREAM, ip);
  size_t received = 0;
  std::thread server([&] { received = Drain(Accept(listener)); });
  node.pod.Inside([&] {
    const Socket client = ConnectTo(ip, LocalPort(listener));
    const std::string block(1 << 18, 'x');
    for (size_t left = kBulkBytes; left > 0;) {
      const ssize_t sent = write(client.fd(), block.data(), std::min(left, block.size()));
      if (sent <= 0) break;
      left -= static_cast<size_t>(sent);
    }
  });
  server.join();
  CHECK(received == kBulkBytes);
}

// Request, answer, close: by the client first, and by the server first in every second one.
void OpenAndClose(const Node& node, const std::string& ip) {
  const Socket listener = node.Listen(SOCK_STREAM, ip);
  std::thread server([&] {
    char byte = 0;
    for (int i = 0; i < kConnections; ++i) {
      const Socket accepted = Accept(listener);
      if (read(accepted.fd(), &byte, 1) != 1 || write(accepted.fd(), &byte, 1) != 1) return;
      if (i % 2 == 0) Drain(accepted);
    }
  });
  int answered = 0;
  node.pod.Inside([&] {
    for (int i = 0; i < kConnections; ++i) {
      const Socket client = ConnectTo(ip, LocalPort(listener));
      char byte = 'r';
      if (write(client.fd(), &byte, 1) != 1 || read(client.fd(), &byte, 1) != 1) return;
      ++answered;
      if (i % 2 == 1) Drain(client);
    }
  });
  server.join();
  CHECK(answered == kConnections);
}

void AskByDatagrams(const Node& node, const std::string& ip) {
  const Socket server = node.Listen(SOCK_DGRAM, ip);
  std::thread answering([&] {
    char byte = 0;
    for (int i = 0; i < kDatagrams; ++i) {
      sockaddr_storage from{};
      socklen_t size = sizeof(from);
      if (!Receive(server, &byte, &from, &size)) return;
      const auto* address = reinterpret_cast<const sockaddr*>(&from);
      if (sendto(server.fd(), &byte, 1, 0, address, size) != 1) return;
    }
  });
  int answered = 0;
  node.pod.Inside([&] {
    const Peer peer(ip, LocalPort(server));
    const Socket client(peer.family, SOCK_DGRAM);
    if (connect(client.fd(), peer.address(), peer.size) != 0) return;
    char byte = 'q';
    for (int i = 0; i < kDatagrams; ++i) {
      if (send(client.fd(), &byte, 1, 0) != 1 || !Receive(client, &byte, nullptr, nullptr)) return;
      ++answered;
    }
  });
  answering.join();
  CHECK(answered == kDatagrams);
}

}  // namespace

TEST_CASE("much TCP and UDP traffic over a healthy link drops nothing", "[kernel][vm-all]") {
  const Node node;
  for (const std::string ip : {"10.99.0.1", "fd99::1"}) {
    SendBulk(node, ip);
    OpenAndClose(node, ip);
    AskByDatagrams(node, ip);
  }
  // Without segmentation offload every segment is a packet of its own.
  node.pod.Ip("link set eth0 gso_max_segs 1");
  node.host.Ip("link set to-pod gso_max_segs 1");
  for (const std::string ip : {"10.99.0.1", "fd99::1"}) SendBulk(node, ip);
  node.CheckNoDrops();
}

}  // namespace alidade::testing
