// SPDX-License-Identifier: Apache-2.0
//
// The agent with the least that it may have: three capabilities (given as a container engine gives
// them, or as systemd does to a user that is not root), a read-only root and the system calls of
// deploy/seccomp.json.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/bpf_inventory.h"
#include "tests/kernel/command.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/test_cgroup.h"
#include "tests/kernel/traffic.h"
#include "tests/kernel/translator.h"

namespace alidade::testing {
namespace {

const std::string kProfile = ALIDADE_DEPLOY_FOLDER "/seccomp.json";
constexpr uint64_t kNetAdminAndBpf = 1ull << 12 | 1ull << 39;

// Starts what follows in a mount namespace of its own where only /tmp can be written, as user 0 or
// another one, with `capabilities` (of setpriv, comma-separated) and no others.
std::vector<std::string> Launcher(const std::string& capabilities, bool as_root) {
  const std::string bounding = "--bounding-set=-all," + capabilities;
  const std::string others =
      "--reuid=65534 --regid=65534 --clear-groups --inh-caps=" + capabilities +
      " --ambient-caps=" + capabilities;
  // The folder of the socket belongs to whom the agent runs as; the log in it is open already.
  return {"unshare",
          "--mount",
          "--propagation=private",
          "sh",
          "-ec",
          "mount --bind /tmp /tmp\n"
          "mount -o remount,bind,ro /\n" +
              std::string(as_root ? ""
                                  : "for word; do case $word in */hubble.sock) "
                                    "chown 65534 \"${word%/*}\";; esac; done\n") +
              "exec setpriv --no-new-privs " + bounding + " " + (as_root ? "" : others) + " \"$@\"",
          "sh"};
}

// The lines of `folder`/status, by their first word.
std::map<std::string, std::string> StatusOf(const std::string& folder) {
  std::map<std::string, std::string> fields;
  std::ifstream file(folder + "/status");
  std::string key;
  std::string value;
  while (file >> key && std::getline(file >> std::ws, value)) fields[key] = value;
  return fields;
}

std::vector<std::string> ThreadsOf(pid_t pid) {
  std::vector<std::string> folders;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    folders.push_back(entry.path());
  }
  return folders;
}

// Whether no thread of `pid` may do more or less than `capabilities`.
bool MayOnly(pid_t pid, uint64_t capabilities) {
  for (const std::string& task : ThreadsOf(pid)) {
    if (std::stoull(StatusOf(task)["CapPrm:"], nullptr, 16) != capabilities) return false;
  }
  return true;
}

bool IsRootReadOnly(pid_t pid) {
  std::ifstream mounts("/proc/" + std::to_string(pid) + "/mounts");
  std::string device, folder, type, options, rest;
  while (mounts >> device >> folder >> type >> options && std::getline(mounts, rest)) {
    if (folder == "/") return options.starts_with("ro,") || options == "ro";
  }
  return false;
}

}  // namespace

TEST_CASE("three capabilities, a read-only root and the listed system calls are enough",
          "[kernel]") {
  const bool as_root = GENERATE(true, false);
  const std::string mechanism = GENERATE("tcx", "clsact");
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  AgentProcess agent(&host, {"--seccomp-profile", kProfile, "--tc-attach", mechanism},
                     Launcher("+bpf,+perfmon,+net_admin", as_root));
  agent.WaitForAttached("to-pod");

  // Given up for good what is not needed any more, in every thread.
  agent.WaitForStatus(
      [&](const GetStatusResponse&) { return MayOnly(agent.pid(), kNetAdminAndBpf); });
  for (const std::string& task : ThreadsOf(agent.pid())) {
    std::map<std::string, std::string> status = StatusOf(task);
    INFO(task);
    CHECK(status["NoNewPrivs:"] == "1");
    CHECK(status["Seccomp:"] == "2");
  }
  CHECK(IsRootReadOnly(agent.pid()));

  // Packets, with their process.
  pod.Inside([&] { SendUdp("10.99.0.1", 9, "x"); });
  const flow::Flow seen = agent.WaitForFlow("a packet", [](const flow::Flow& candidate) {
    return candidate.event_type().type() == 4 && candidate.l4().udp().destination_port() == 9;
  });
  CHECK(TextIn(seen, "command") == "kernel_test");

  // Drops.
  host.Run("nft add table ip t");
  host.Run("nft add chain ip t in { type filter hook input priority 0 ; }");
  host.Run("nft add rule ip t in udp dport 7777 drop");
  pod.Inside([&] { SendUdp("10.99.0.1", 7777, "x"); });
  agent.WaitForFlow("the drop", [](const flow::Flow& candidate) {
    return candidate.verdict() == flow::DROPPED && candidate.l4().udp().destination_port() == 7777;
  });

  // An interface that comes later.
  host.Ip("link add late type veth peer name late-peer");
  agent.WaitForAttached("late");

  // A translator that comes later, to a cgroup below the root, and one call that it translates.
  {
    const TestCgroup cgroup("alidade-test-" + std::to_string(getpid()));
    const Peer service("203.0.113.1", 53);
    const Translator translator(cgroup.folder(), service, Peer("127.0.0.1", 53));
    const CgroupMembership membership(cgroup);
    const Socket client(AF_INET, SOCK_DGRAM);
    REQUIRE(connect(client.fd(), service.address(), service.size) == 0);
    agent.WaitForStatus([](const GetStatusResponse& status) {
      return HookOf(status, "sock_addr").detail().find("recvmsg") == std::string::npos;
    });
  }

  const BpfInventory ours = BpfInventory::OfProcess(agent.pid());
  CHECK(agent.Stop(SIGTERM) == 0);
  CHECK(host.Run("tc filter show dev to-pod ingress").empty());
  WaitUntilGone(ours);
}

TEST_CASE("an agent that lacks a capability names it", "[kernel]") {
  const std::string lacks = GENERATE("bpf", "perfmon");
  const std::string has = lacks == "bpf" ? "+perfmon,+net_admin" : "+bpf,+net_admin";
  std::vector<std::string> command = Launcher(has, true);
  for (const std::string& word : {AgentBinary(), std::string("agent"), std::string("--socket-path"),
                                  std::string("/tmp/alidade-lacks.sock"),
                                  std::string("--listen-address"), std::string("127.0.0.1:0")}) {
    command.push_back(word);
  }
  const CommandResult result = RunCommand(command);
  CHECK(result.status == 1);
  INFO(result.output);
  CHECK(result.output.find(lacks == "bpf" ? "; missing CAP_BPF" : "; missing CAP_PERFMON") !=
        std::string::npos);
}

TEST_CASE("an agent that cannot attach says which capability it lacks, and shows the rest",
          "[kernel]") {
  const NetworkNamespace host("host");
  const AgentProcess agent(&host, {}, Launcher("+bpf,+perfmon", true));
  agent.WaitForStatus([&](const GetStatusResponse&) {
    return agent.Log().find("missing CAP_NET_ADMIN") != std::string::npos;
  });
}

}  // namespace alidade::testing
