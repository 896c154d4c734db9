// SPDX-License-Identifier: Apache-2.0
//
// The genuine hubble CLI prints what the agent and its programs tell of themselves.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

std::string Observe(const AgentProcess& agent, const char* kind) {
  const CommandResult result =
      RunCommand({getenv("HUBBLE"), "--server", agent.target(), "observe", kind, "--last", "1000"});
  INFO(result.output);
  CHECK(result.status == 0);
  return result.output;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("hubble observe prints agent events and debug events", "[clients]") {
  if (getenv("HUBBLE") == nullptr) SKIP("HUBBLE does not name the genuine hubble CLI");
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host, {"--debug-events"});
  agent.WaitForAttached("to-pod");
  uint16_t port = 0;
  pod.Inside([&] { port = SendUdp("10.99.0.1", 7777, "knock"); });
  // The agent told of its start before, and the program of the lookup before the flow.
  agent.WaitForFlow("datagram",
                    [&](const flow::Flow& flow) { return flow.l4().udp().source_port() == port; });

  const std::string life = Observe(agent, "agent-events");
  CAPTURE(life);
  CHECK(Contains(life, "AGENT_STARTED"));
  CHECK(Contains(life, "ENDPOINT_CREATED"));
  CHECK(Contains(life, "ENDPOINT_REGENERATE_SUCCESS"));
  CHECK(Contains(life, "10.99.0.1/32"));
  const std::string debug = Observe(agent, "debug-events");
  CAPTURE(debug);
  CHECK(Contains(debug, "Conntrack lookup 1/2: src=10.99.0.2:" + std::to_string(port) +
                            " dst=10.99.0.1:7777"));
  CHECK(Contains(debug, "CT verdict: New"));
}

}  // namespace alidade::testing
