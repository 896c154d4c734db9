// SPDX-License-Identifier: Apache-2.0
//
// How soon a client that follows sees a packet on a node where nothing else happens: a real agent
// and real datagrams, one at a time, from the sender's clock before the call to the client's clock
// after it has read the flow. Needs root.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <thread>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

constexpr int kDatagrams = 300;
constexpr int kFirstPort = 20000;
// Odd against the agent's own rhythm, so that every phase of it is met.
constexpr std::chrono::microseconds kPause(23'700);

double Milliseconds(int64_t ns) { return static_cast<double>(ns) / 1e6; }

}  // namespace

TEST_CASE("from a packet to the client of a quiet node") {
  const NetworkNamespace host("host"), pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");
  std::optional<Socket> server;
  host.Inside([&] { server.emplace(Serve(SOCK_DGRAM, "10.99.0.1")); });
  const Peer to_server("10.99.0.1", LocalPort(*server));

  const auto channel = grpc::CreateChannel(agent.target(), grpc::InsecureChannelCredentials());
  grpc::ClientContext context;
  observer::GetFlowsRequest request;
  request.set_follow(true);
  const auto stream = observer::Observer::NewStub(channel)->GetFlows(&context, request);
  stream->WaitForInitialMetadata();

  std::vector<int64_t> taken;
  pod.Inside([&] {
    for (int i = 0; i < kDatagrams; ++i) {
      std::this_thread::sleep_for(kPause);
      // A port of its own: a known one within the interval would not be reported again.
      const auto port = static_cast<uint16_t>(kFirstPort + i);
      const Peer self("10.99.0.2", port);
      const Socket client(AF_INET, SOCK_DGRAM);
      REQUIRE(bind(client.fd(), self.address(), self.size) == 0);
      const int64_t sent = Now();
      REQUIRE(sendto(client.fd(), "x", 1, 0, to_server.address(), to_server.size) == 1);
      observer::GetFlowsResponse response;
      do {
        REQUIRE(stream->Read(&response));
      } while (response.flow().l4().udp().source_port() != port ||
               response.flow().type() != flow::L3_L4);
      taken.push_back(Now() - sent);
    }
  });
  context.TryCancel();
  std::sort(taken.begin(), taken.end());
  std::printf("one datagram at a time, n=%d: median %.2f ms, p99 %.2f ms, longest %.2f ms\n",
              kDatagrams, Milliseconds(taken[taken.size() / 2]),
              Milliseconds(taken[taken.size() * 99 / 100]), Milliseconds(taken.back()));
}

}  // namespace alidade::testing
