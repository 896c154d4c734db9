// SPDX-License-Identifier: Apache-2.0
//
// A polite guest: what the agent puts into the kernel goes with it, however it ends, and what it
// finds in its way is one line, not a crash.
#include <signal.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <sstream>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/bpf_inventory.h"
#include "tests/kernel/command.h"
#include "tests/kernel/foreign.h"
#include "tests/kernel/kernel_features.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/quiet_node.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

// What the status says of interface `name`.
std::string DetailOf(const AgentProcess& agent, const std::string& name) {
  const GetStatusResponse status = agent.Status();
  const InterfaceStatus* interface = FindInterface(status, name);
  return interface == nullptr ? "not there" : interface->detail();
}

}  // namespace

TEST_CASE("SIGTERM ends the agent cleanly with nothing left attached", "[kernel][vm]") {
  const std::string mechanism = GENERATE(from_range(TcMechanisms()));
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const std::string before = host.Run("tc qdisc show dev to-pod");
  AgentProcess agent(&host, {"--tc-attach", mechanism});
  agent.WaitForAttached("to-pod");
  const BpfInventory ours = BpfInventory::OfProcess(agent.pid());
  CHECK(ours.programs.size() >= 7);

  CHECK(agent.Stop(SIGTERM) == 0);
  CHECK(host.Run("tc qdisc show dev to-pod") == before);
  WaitUntilGone(ours);
}

TEST_CASE("after kill -9 no link, map or program remains", "[kernel][vm]") {
  if (!HasTcx()) SKIP("a clsact filter outlives a killed agent, and this kernel has no tcx");
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  AgentProcess agent(&host, {"--tc-attach", "tcx"});
  agent.WaitForAttached("to-pod");
  const BpfInventory ours = BpfInventory::OfProcess(agent.pid());
  CHECK(ours.links.size() >= 5);
  CHECK(ours.maps.size() >= 5);

  CHECK(agent.Stop(SIGKILL) == 128 + SIGKILL);
  WaitUntilGone(ours);
}

TEST_CASE("clsact filters of a killed agent are gone at the next start", "[kernel][vm]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const std::string filters = "tc filter show dev to-pod ingress";
  {
    AgentProcess killed(&host, {"--tc-attach", "clsact"});
    killed.WaitForAttached("to-pod");
    CHECK(host.Run(filters).find("alidade_ingress") != std::string::npos);
    killed.Stop(SIGKILL);
  }
  CHECK(host.Run(filters).find("alidade_ingress") != std::string::npos);

  SECTION("when it starts again") {
    const AgentProcess next(&host, {"--tc-attach", TcMechanisms().front()});
    next.WaitForAttached("to-pod");
    const bool has_new = host.Run(filters).find("alidade") != std::string::npos;
    CHECK(has_new == !HasTcx());
  }
  SECTION("when asked to clean up") {
    host.Run(AgentBinary() + " agent --cleanup");
    CHECK(host.Run(filters).find("alidade") == std::string::npos);
  }
}

// What the system's tools print of others on to-pod: all of it, but for lines that are ours.
std::string OthersOn(const NetworkNamespace& host) {
  std::istringstream lines(
      host.Run("tc qdisc show dev to-pod") + host.Run("tc filter show dev to-pod ingress") +
      host.Run("tc filter show dev to-pod egress") + host.Run("bpftool net show dev to-pod"));
  std::string others;
  for (std::string line; std::getline(lines, line);) {
    // 41245 is the priority of our filters, which tc prints on lines of their own.
    const bool is_ours =
        line.find("alidade_") != std::string::npos || line.find("pref 41245 ") != std::string::npos;
    if (!is_ours) others += line + "\n";
  }
  return others;
}

TEST_CASE("what others have attached sees and looks the same before, beside and after us",
          "[kernel]") {
  const std::string mechanism = GENERATE(from_range(TcMechanisms()));
  const QuietNode node;
  const NetworkNamespace& host = node.host;
  const NetworkNamespace& pod = node.pod;
  host.Run("tc qdisc add dev to-pod root handle 5: pfifo limit 77");
  ForeignPrograms by_tcx, by_clsact;
  by_tcx.PassByTcx(host, "to-pod");
  by_clsact.PassByClsact(host, "to-pod");
  const auto seen_of_ping = [&] {
    const uint64_t before = by_tcx.seen();
    CHECK(by_clsact.seen() == before);
    pod.Inside([] { Ping("10.99.0.1", 2); });
    CHECK(by_clsact.seen() == by_tcx.seen());
    return by_tcx.seen() - before;
  };
  const std::string before = OthersOn(host);
  CHECK(seen_of_ping() == 1);
  {
    AgentProcess agent(&host, {"--tc-attach", mechanism});
    agent.WaitForAttached("to-pod");
    CHECK(seen_of_ping() == 1);
    CHECK(OthersOn(host) == before);
    agent.Stop(SIGKILL);
  }
  CHECK(seen_of_ping() == 1);
  CHECK(OthersOn(host) == before);
  {
    AgentProcess agent(&host, {"--tc-attach", mechanism});
    agent.WaitForAttached("to-pod");
    CHECK(seen_of_ping() == 1);
    CHECK(OthersOn(host) == before);
    CHECK(agent.Stop(SIGTERM) == 0);
  }
  CHECK(seen_of_ping() == 1);
  CHECK(OthersOn(host) == before);
}

TEST_CASE("the status names programs that get the packets before ours", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host, {"--tc-attach", "tcx"});
  agent.WaitForAttached("to-pod");
  CHECK(DetailOf(agent, "to-pod").empty());
  {
    ForeignPrograms foreign(9);
    foreign.DropByXdp(host, "to-pod");
    CHECK(DetailOf(agent, "to-pod").find("xdp foreign_xdp") != std::string::npos);
  }
  CHECK(DetailOf(agent, "to-pod").empty());
  // Ours went first on tcx, and what comes later stands behind it.
  ForeignPrograms foreign(9);
  foreign.DropByTcx(host, "to-pod");
  CHECK(DetailOf(agent, "to-pod").empty());
}

TEST_CASE("the status names filters that get the packets before a filter of ours",
          "[kernel][vm-all]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host, {"--tc-attach", "clsact"});
  agent.WaitForAttached("to-pod");
  CHECK(DetailOf(agent, "to-pod").empty());
  host.Run("tc filter add dev to-pod egress pref 7 protocol ip u32 match u32 0 0 classid 1:1");
  CHECK(DetailOf(agent, "to-pod").find("clsact egress u32 (pref 7)") != std::string::npos);
  ForeignPrograms foreign;
  foreign.PassByClsact(host, "to-pod");
  CHECK(DetailOf(agent, "to-pod").find("clsact ingress bpf foreign_pass") != std::string::npos);
  CHECK(DetailOf(agent, "to-pod").find("(pref 100)") != std::string::npos);
}

TEST_CASE("clsact sees packets as tcx does", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host, {"--tc-attach", "clsact"});
  agent.WaitForAttached("to-pod");
  pod.Inside([] { Ping("10.99.0.1", 7); });
  agent.WaitForFlow("the reply", [](const flow::Flow& flow) {
    return flow.trace_observation_point() == flow::TO_ENDPOINT && flow.l4().has_icmpv4() &&
           flow.is_reply().value();
  });
}

TEST_CASE("interfaces that vanish while they are attached cost nothing", "[kernel]") {
  const NetworkNamespace host("host");
  const AgentProcess agent(&host);
  for (int i = 0; i < 50; ++i) {
    host.Ip("link add fleeting type veth peer name other");
    host.Ip("link del fleeting");
  }
  host.Ip("link add last type bridge");
  agent.WaitForAttached("last");
  CHECK(FindInterface(agent.Status(), "fleeting") == nullptr);
}

TEST_CASE("without the right to load programs the agent says what it needs", "[kernel]") {
  const CommandResult result =
      RunCommand({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                  "--bounding-set=-all", AgentBinary(), "agent",
                  "--socket-path=", "--listen-address=127.0.0.1:0"});
  INFO(result.output);
  CHECK(result.status == 1);
  CHECK(result.output.find("CAP_BPF") != std::string::npos);
  CHECK(std::count(result.output.begin(), result.output.end(), '\n') == 1);
}

TEST_CASE("without the kernel's BTF the hooks that need it are missing, with the reason",
          "[kernel]") {
  // Hidden in a mount namespace, with all the other places where libbpf looks for it.
  const std::vector<std::string> without_btf = {
      "unshare", "--mount", "sh", "-c",
      "for folder in /sys/kernel/btf /boot /lib/modules /usr/lib/debug; do"
      "  [ ! -d $folder ] || mount -t tmpfs none $folder || exit; "
      "done; exec \"$0\" \"$@\""};
  const NetworkNamespace host("host");
  AgentProcess agent(&host, {}, without_btf);
  const GetStatusResponse status = agent.Status();
  const HookStatus& drop = HookOf(status, "packet_drop");
  CHECK_FALSE(drop.attached());
  CHECK(drop.detail().find("CONFIG_DEBUG_INFO_BTF") != std::string::npos);
  CHECK(agent.Log().find("hook packet_drop is missing") != std::string::npos);
  CHECK(agent.Stop(SIGTERM) == 0);
}

TEST_CASE("a busy port is one line, and nothing is attached", "[kernel]") {
  const NetworkNamespace host("host");
  const AgentProcess first(&host);
  const CommandResult second =
      RunCommand({"ip", "netns", "exec", host.name(), AgentBinary(), "agent", "--socket-path="});
  INFO(second.output);
  CHECK(second.status == 1);
  CHECK(second.output.find("127.0.0.1:4244") != std::string::npos);
  CHECK(std::count(second.output.begin(), second.output.end(), '\n') == 1);
}

TEST_CASE("a client that hangs up in the middle of a stream costs its stream only", "[kernel]") {
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");
  for (int i = 0; i < 5; ++i) {
    pod.Inside([&] { Ping("10.99.0.1", static_cast<uint16_t>(100 + i)); });
    // WaitForFlow follows and cancels as soon as it has what it wants.
    agent.WaitForFlow("a ping", [](const flow::Flow& flow) { return flow.l4().has_icmpv4(); });
  }
  agent.WaitForStatus([](const GetStatusResponse& status) { return status.clients_size() == 0; });
}

}  // namespace alidade::testing
