// SPDX-License-Identifier: Apache-2.0
//
// What holds on every kernel that the agent starts on, whatever it lacks.
#include <catch2/catch_test_macros.hpp>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/kernel_features.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/pinned_ring.h"
#include "tests/kernel/traffic.h"
#include "tests/support/temporary_folder.h"

namespace alidade::testing {
namespace {

// Makes kernel.perf_event_paranoid 3, and puts it back at the end. Above 2, kernels of Debian and
// Ubuntu open perf rings with CAP_SYS_ADMIN only.
class Paranoia {
 public:
  Paranoia() {
    std::ifstream(kFile) >> before_;
    std::ofstream(kFile) << 3;
  }
  ~Paranoia() { std::ofstream(kFile) << before_; }
  Paranoia(const Paranoia&) = delete;
  Paranoia& operator=(const Paranoia&) = delete;

 private:
  static constexpr const char* kFile = "/proc/sys/kernel/perf_event_paranoid";
  int before_ = 0;
};

bool IsDebiansKernel() {
  std::ifstream file("/proc/version");
  std::string version;
  std::getline(file, version);
  return version.find("Debian") != std::string::npos;
}

}  // namespace

TEST_CASE("each hook is attached or says why not, and what an older kernel lacks", "[kernel][vm]") {
  const NetworkNamespace host("host");
  const AgentProcess agent(&host);
  const GetStatusResponse status = agent.Status();
  const std::string log = agent.Log();
  REQUIRE(status.hooks_size() > 0);
  for (const HookStatus& hook : status.hooks()) {
    INFO(hook.ShortDebugString());
    // For who reads the output of a test machine.
    if (!hook.detail().empty())
      printf("lacks: %s: %s\n", hook.name().c_str(), hook.detail().c_str());
    if (!hook.attached()) {
      CHECK_FALSE(hook.detail().empty());
      CHECK(log.find("hook " + hook.name() + " is missing") != std::string::npos);
    }
    if (hook.name() == "trace" || hook.name() == "packet_drop" || hook.name() == "sock_addr") {
      CHECK(hook.attached());
    }
    if (hook.name() == "packet_drop" && !HasDropReasons()) {
      CHECK(hook.detail().find("no reasons") != std::string::npos);
    }
  }
}

TEST_CASE("few capabilities are enough where conntrack is a module, too", "[kernel][vm-all]") {
  RunCommand({"modprobe", "nf_conntrack"});  // fails where it is built in
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  // CAP_SYS_RESOURCE: before 5.11 maps are locked memory.
  const std::vector<std::string> confined = {
      "setpriv", "--bounding-set=-all,+bpf,+perfmon,+net_admin,+sys_resource"};
  const Paranoia paranoia;
  const AgentProcess agent(&host, {}, confined);
  agent.WaitForAttached("to-pod");
  const GetStatusResponse status = agent.Status();
  const HookStatus& trace = HookOf(status, "trace");
  CHECK(trace.attached());
  const std::string place = ConntrackLookupPlace();
  INFO(place << ": " << trace.detail());
  if (place == "nf_conntrack") CHECK(trace.detail().find("CAP_SYS_ADMIN") != std::string::npos);
  if (place == "kernel") CHECK(trace.detail().find("conntrack") == std::string::npos);
  if (place.empty()) CHECK(trace.detail().find("conntrack") != std::string::npos);
}

TEST_CASE("an agent that may open no perf ring says which setting forbids it", "[kernel][vm-all]") {
  if (!IsDebiansKernel()) SKIP("a setting above 2 forbids that in Debian's kernels only");
  const PinnedRing ring;
  const Paranoia paranoia;
  const TemporaryFolder folder;
  const CommandResult result =
      RunCommand({"setpriv", "--bounding-set=-all,+bpf,+perfmon,+sys_resource", "timeout", "60",
                  AgentBinary(), "agent", "--source", "cilium", "--cilium-events", ring.path(),
                  "--socket-path", folder / "hubble.sock", "--listen-address", "127.0.0.1:0"});
  INFO(result.output);
  CHECK(result.status == 1);
  CHECK(result.output.find("kernel.perf_event_paranoid is 3") != std::string::npos);
}

TEST_CASE("the status says that conntrack came after the agent", "[kernel][vm-all]") {
  // Those that other tests need, so that nobody uses it.
  RunCommand({"modprobe", "-r", "nft_masq", "nft_nat", "nft_chain_nat", "nft_ct", "nf_conntrack"});
  if (!ConntrackLookupPlace().empty()) SKIP("conntrack is built in or in use");
  const NetworkNamespace host("host");
  const AgentProcess agent(&host);
  const std::string before = HookOf(agent.Status(), "trace").detail();
  if (before.find("nf_conntrack was not loaded") == std::string::npos) {
    SKIP("this kernel would not tell even then: " << before);
  }
  RunCommand({"modprobe", "nf_conntrack"});
  if (ConntrackLookupPlace().empty()) SKIP("this kernel has no bpf_skb_ct_lookup");
  CHECK(HookOf(agent.Status(), "trace").detail().find("start it again") != std::string::npos);
}

TEST_CASE("a transfer is told in a few reports that hold all of its bytes", "[kernel][vm]") {
  constexpr size_t kBytes = 1 << 20;
  const NetworkNamespace host("host");
  const NetworkNamespace pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");

  std::optional<Socket> listener;
  host.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.0.1")); });
  uint16_t port = 0;
  pod.Inside([&] { port = ExchangeTcp(*listener, "10.99.0.1", std::string(kBytes, 'x')); });

  double bytes = 0, packets = 0;
  int reports = 0;
  agent.WaitForFlow("the end", [&](const flow::Flow& flow) {
    if (flow.verdict() != flow::FORWARDED || flow.l4().tcp().source_port() != port) return false;
    bytes += NumberIn(flow, "bytes");
    packets += NumberIn(flow, "packets");
    ++reports;
    return flow.l4().tcp().flags().fin();
  });
  CHECK(bytes >= kBytes);
  CHECK(packets > reports);
}

}  // namespace alidade::testing
