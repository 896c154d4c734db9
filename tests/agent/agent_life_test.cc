// SPDX-License-Identifier: Apache-2.0
#include "agent/agent_life.h"

#include <limits>
#include <string>
#include <vector>

#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

constexpr int64_t kEver = std::numeric_limits<int64_t>::max();

Interface Veth(uint32_t index, const std::string& name) {
  Interface interface;
  interface.index = index;
  interface.name = name;
  interface.kind = "veth";
  interface.device_type = 1;  // ARPHRD_ETHER
  return interface;
}

InterfaceAddress Address(uint32_t index, const char* text) {
  return {index, IpAddress::Parse(text).value()};
}

// What was told since the last call, one line an event.
std::vector<std::string> Told(AgentMailbox& mailbox) {
  std::vector<std::string> lines;
  for (const AgentMailbox::Told& told : mailbox.Take(kEver).events) {
    const flow::AgentEvent& event = told.event;
    std::string line = flow::AgentEventType_Name(event.type());
    if (event.has_endpoint_update()) {
      line += " " + std::to_string(event.endpoint_update().id()) + " " +
              event.endpoint_update().labels(0);
    }
    if (event.has_endpoint_regenerate()) line += " " + event.endpoint_regenerate().error();
    if (event.has_ipcache_update()) line += " " + event.ipcache_update().cidr();
    lines.push_back(line);
  }
  return lines;
}

TEST_CASE("what came and went is told once, what goes first", "[agent]") {
  AgentMailbox mailbox;
  AgentLife life(mailbox);
  HostNetwork network;
  network.interfaces[7] = Veth(7, "veth7");
  network.addresses = {Address(1, "10.0.0.1"), Address(2, "fd00::1")};
  life.OnNetwork(network);
  CHECK(Told(mailbox) == std::vector<std::string>{"ENDPOINT_CREATED 7 alidade:interface=veth7",
                                                  "IPCACHE_UPSERTED 10.0.0.1/32",
                                                  "IPCACHE_UPSERTED fd00::1/128"});

  network.addresses.insert(Address(3, "10.0.0.1"));  // on a second interface: known already
  life.OnNetwork(network);
  CHECK(Told(mailbox).empty());

  network.interfaces.clear();
  network.interfaces[8] = Veth(8, "veth8");
  network.addresses = {Address(1, "10.0.0.1")};
  life.OnNetwork(network);
  CHECK(Told(mailbox) == std::vector<std::string>{"ENDPOINT_DELETED 7 alidade:interface=veth7",
                                                  "IPCACHE_DELETED fd00::1/128",
                                                  "ENDPOINT_CREATED 8 alidade:interface=veth8"});
}

TEST_CASE("attaching to an endpoint is told with what went wrong", "[agent]") {
  AgentMailbox mailbox;
  AgentLife life(mailbox);
  life.OnAttach({Veth(7, "veth7"), "tcx", "", {}, {}});
  life.OnAttach({Veth(8, "veth8"), "", "no memory", {}, {}});
  Interface uplink = Veth(2, "eth0");
  uplink.kind = "";
  life.OnAttach({uplink, "tcx", "", {}, {}});
  CHECK(Told(mailbox) == std::vector<std::string>{"ENDPOINT_CREATED 7 alidade:interface=veth7",
                                                  "ENDPOINT_REGENERATE_SUCCESS ",
                                                  "ENDPOINT_CREATED 8 alidade:interface=veth8",
                                                  "ENDPOINT_REGENERATE_FAILURE no memory"});
  HostNetwork network;
  network.interfaces[7] = Veth(7, "veth7");
  network.interfaces[8] = Veth(8, "veth8");
  life.OnNetwork(network);
  CHECK(Told(mailbox).empty());
}

TEST_CASE("a start is told with its time", "[agent]") {
  AgentMailbox mailbox;
  AgentLife(mailbox).OnStarted();
  const AgentMailbox::Taken taken = mailbox.Take(kEver);
  REQUIRE(taken.events.size() == 1);
  const flow::AgentEvent& event = taken.events[0].event;
  CHECK(event.type() == flow::AGENT_STARTED);
  CHECK(event.agent_start().time().seconds() == taken.events[0].time_ns / 1'000'000'000);
}

TEST_CASE("a full mailbox counts what it had no room for", "[agent]") {
  AgentMailbox mailbox;
  for (size_t i = 0; i < AgentMailbox::kMostEvents + 3; ++i) {
    mailbox.Tell({}, static_cast<int64_t>(i));
  }
  AgentMailbox::Taken taken = mailbox.Take(9);
  CHECK(taken.events.size() == 10);
  CHECK(taken.lost == 3);
  taken = mailbox.Take(kEver);
  CHECK(taken.events.size() == AgentMailbox::kMostEvents - 10);
  CHECK(taken.lost == 0);
}

}  // namespace
}  // namespace alidade
