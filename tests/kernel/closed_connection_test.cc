// SPDX-License-Identifier: Apache-2.0
//
// Segments that come too late for their connection: which of them are drops.
#include <netinet/in.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/kernel_reasons.h"
#include "tests/kernel/locked_socket.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

constexpr const char* kHostIp = "fd99::1";
constexpr uint16_t kRst = 0x04;
constexpr uint16_t kAck = 0x10;

// Sends a TCP segment without a connection. Of a raw IPv6 socket the kernel fills in the checksum.
void SendSegment(const PacketBuilder& segment) {
  const Socket raw(AF_INET6, SOCK_RAW, IPPROTO_TCP);
  const int checksum_offset = 16;
  REQUIRE(setsockopt(raw.fd(), IPPROTO_IPV6, IPV6_CHECKSUM, &checksum_offset,
                     sizeof(checksum_offset)) == 0);
  const Peer host(kHostIp, 0);
  const ByteVector bytes = segment.Build();
  REQUIRE(sendto(raw.fd(), bytes.data(), bytes.size(), 0, host.address(), host.size) ==
          static_cast<ssize_t>(bytes.size()));
}

// A connection from a pod to its node.
struct Connection {
  std::optional<Socket> client;
  std::optional<Socket> server;  // the node's end

  Connection(const NetworkNamespace& host, const NetworkNamespace& pod) {
    std::optional<Socket> listener;
    host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, kHostIp)); });
    const Peer peer(kHostIp, LocalPort(*listener));
    pod.Inside([&] {
      client.emplace(AF_INET6, SOCK_STREAM);
      REQUIRE(connect(client->fd(), peer.address(), peer.size) == 0);
    });
    server.emplace(accept(listener->fd(), nullptr, nullptr));
    REQUIRE(server->fd() >= 0);
  }

  // Ends it by a RST.
  void Reset() {
    const linger at_once{1, 0};
    REQUIRE(setsockopt(client->fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)) == 0);
    client.reset();
  }
};

}  // namespace

TEST_CASE("an empty segment that finds its connection just closed is no drop, data is",
          "[kernel][vm-all]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");

  Connection connection(host, pod);
  const uint16_t from = LocalPort(*connection.client), to = LocalPort(*connection.server);
  {
    // The segments have found the socket before the first of them closes it.
    LockedSocket locked(*connection.server);
    connection.Reset();
    locked.WaitForMore();
    for (const uint16_t flags : {kAck, kRst}) {
      pod.Inside([&] { SendSegment(Raw().Tcp(from, to, flags)); });
      locked.WaitForMore();
    }
    constexpr size_t kLastByteOfSequence = 7;  // unlike, or the kernel would merge the two
    pod.Inside([&] {
      SendSegment(Raw().Tcp(from, to, kAck).Set(kLastByteOfSequence, 100).Payload(20, 'x'));
    });
    locked.WaitForMore();
  }
  uint16_t last = 0;
  pod.Inside([&] { last = SendUdp(kHostIp, 9, "anybody?"); });
  agent.WaitForFlow("a drop after them", [&](const flow::Flow& flow) {
    return flow.verdict() == flow::DROPPED && flow.l4().udp().source_port() == last;
  });
  std::vector<std::string> reasons;
  for (const flow::Flow& flow : agent.Flows()) {
    if (flow.verdict() != flow::DROPPED || flow.l4().tcp().source_port() != from) continue;
    INFO(flow.ShortDebugString());
    reasons.push_back(TextIn(flow, "drop_reason"));
    CHECK(flow.l4().tcp().destination_port() == to);
    CHECK(flow.traffic_direction() == flow::INGRESS);
    CHECK(flow.l4().tcp().flags().ack());
  }
  if (KernelReasons().Has("TCP_CLOSE")) {
    CHECK(reasons == std::vector<std::string>{"TCP_CLOSE"});
  } else {
    CHECK(reasons.empty());  // such a kernel frees in the same way what it has used
  }
}

TEST_CASE("an acknowledgement for which there is no connection is a drop", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");

  constexpr uint16_t kFrom = 40001;
  pod.Inside([&] { SendSegment(Raw().Tcp(kFrom, 9, kAck)); });
  const flow::Flow drop = agent.WaitForFlow("the drop", [&](const flow::Flow& flow) {
    return flow.verdict() == flow::DROPPED && flow.l4().tcp().source_port() == kFrom;
  });
  CHECK(drop.drop_reason_desc() == flow::SOCKET_LOOKUP_FAILED);
  CHECK(drop.l4().tcp().flags().ack());
}

}  // namespace alidade::testing
