// SPDX-License-Identifier: Apache-2.0
//
// Interfaces that come, go and are many.
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/bpf_inventory.h"
#include "tests/kernel/command.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

// The lines of a batch for ip(8), run in `space`.
class IpBatch {
 public:
  void Add(const std::string& line) { lines_ += line + "\n"; }
  void Run(const NetworkNamespace& space) const {
    std::string path = "/tmp/alidade-batch-XXXXXX";
    const int fd = mkstemp(path.data());
    REQUIRE(fd >= 0);
    close(fd);
    std::ofstream(path) << lines_;
    const CommandResult result = RunCommand({"ip", "-n", space.name(), "-batch", path});
    std::filesystem::remove(path);
    INFO(result.output);
    REQUIRE(result.status == 0);
  }

 private:
  std::string lines_;
};

// Interfaces that are set up speak of themselves by IPv6: not those of the test.
void SwitchOffIpv6(const NetworkNamespace& space) {
  space.Inside([] { std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << 1; });
}

// Sends a datagram with this source port from the interface `name` of the calling thread's
// namespace, which needs no address.
void SendRawUdp(const std::string& name, uint16_t source_port) {
  const ByteVector packet =
      Ethernet().Ipv4("192.0.2.1", "192.0.2.2").Udp(source_port, 9).Payload(1).Build();
  const Socket socket(AF_PACKET, SOCK_RAW);
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
  REQUIRE(sendto(socket.fd(), packet.data(), packet.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to),
                 sizeof(to)) == static_cast<ssize_t>(packet.size()));
}

size_t OpenFiles(pid_t pid) {
  const auto files = std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

// Rows in the agent's maps of interfaces. A row of zeros in an array is none.
size_t InterfaceRows(pid_t pid) {
  size_t rows = 0;
  for (const uint32_t id : BpfInventory::OfProcess(pid).maps) {
    const int fd = bpf_map_get_fd_by_id(id);
    bpf_map_info info{};
    uint32_t size = sizeof(info);
    REQUIRE(bpf_map_get_info_by_fd(fd, &info, &size) == 0);
    if (std::string(info.name).find("interfaces") != std::string::npos) {
      std::vector<char> value(info.value_size);
      uint32_t key = 0, next = 0;
      for (const uint32_t* from = nullptr; bpf_map_get_next_key(fd, from, &next) == 0;
           from = &key) {
        key = next;
        REQUIRE(bpf_map_lookup_elem(fd, &key, value.data()) == 0);
        rows += std::any_of(value.begin(), value.end(), [](char byte) { return byte != 0; });
      }
    }
    close(fd);
  }
  return rows;
}

}  // namespace

TEST_CASE("a thousand pods that come, say one word and go are all seen and leave nothing",
          "[kernel]") {
  constexpr int kPods = 1000, kAtOnce = 100;
  constexpr int kFirstPort = 20000;
  const NetworkNamespace host("host");
  SwitchOffIpv6(host);
  const AgentProcess agent(&host, {"--event-buffer-capacity", "65535"});
  const size_t files_before = OpenFiles(agent.pid());
  const size_t links_before = BpfInventory::OfProcess(agent.pid()).links.size();

  for (int first = 0; first < kPods; first += kAtOnce) {
    const NetworkNamespace pods("pods");  // its end is the end of all links into it
    SwitchOffIpv6(pods);
    IpBatch make, set_up;
    std::set<std::string> waited;
    for (int i = first; i < first + kAtOnce; ++i) {
      const std::string number = std::to_string(i);
      make.Add("link add v" + number + " type veth peer name p" + number + " netns " + pods.name());
      make.Add("link set v" + number + " up");
      set_up.Add("link set p" + number + " up");
      waited.insert("v" + number);
    }
    make.Run(host);
    set_up.Run(pods);
    const GetStatusResponse status = agent.WaitForStatus([&](const GetStatusResponse& candidate) {
      for (const InterfaceStatus& row : candidate.interfaces()) {
        if (!row.attach().empty()) waited.erase(row.name());
      }
      return waited.empty();
    });
    for (const InterfaceStatus& row : status.interfaces()) CHECK(row.unseen_packets() == 0);
    pods.Inside([&] {
      for (int i = first; i < first + kAtOnce; ++i) {
        SendRawUdp("p" + std::to_string(i), static_cast<uint16_t>(kFirstPort + i));
      }
    });
  }

  std::set<uint32_t> seen;
  agent.WaitForFlow("each pod's word", [&](const flow::Flow& flow) {
    if (flow.verdict() == flow::FORWARDED) seen.insert(flow.l4().udp().source_port());
    seen.erase(0);
    return seen.size() == kPods;
  });
  agent.WaitForStatus([](const GetStatusResponse& status) {
    return status.interfaces_size() == 1 && status.interfaces(0).name() == "lo";
  });
  CHECK(BpfInventory::OfProcess(agent.pid()).links.size() == links_before);
  // They stay until their connections have told their rest.
  agent.WaitForStatus([&](const GetStatusResponse&) { return InterfaceRows(agent.pid()) == 0; });
  // The clients of this test have sockets too, which the agent closes a moment later.
  agent.WaitForStatus(
      [&](const GetStatusResponse&) { return OpenFiles(agent.pid()) <= files_before; });
}

TEST_CASE("after more changes than the kernel keeps for us no interface is missing", "[kernel]") {
  constexpr int kChanges = 3000;
  const NetworkNamespace host("host");
  host.Ip("link add busy type bridge");
  host.Ip("link add early type bridge");
  const AgentProcess agent(&host);
  agent.WaitForAttached("early");
  REQUIRE(agent.Status().interface_resyncs() == 0);

  IpBatch changes;
  for (int i = 0; i < kChanges; ++i)
    changes.Add("link set busy mtu " + std::to_string(1280 + i % 2));
  changes.Add("link del early");
  changes.Add("link add late type bridge");
  kill(agent.pid(), SIGSTOP);
  changes.Run(host);
  kill(agent.pid(), SIGCONT);

  agent.WaitForAttached("late");
  const GetStatusResponse status = agent.Status();
  CHECK(status.interface_resyncs() > 0);
  CHECK(FindInterface(status, "early") == nullptr);
  // And it goes on hearing of changes.
  host.Ip("link add later type bridge");
  agent.WaitForAttached("later");
}

TEST_CASE("changes that could not be read are read as soon as that works again", "[kernel]") {
  constexpr int kChanges = 3000;
  const NetworkNamespace host("host");
  host.Ip("link add busy type bridge");
  const AgentProcess agent(&host);
  agent.WaitForAttached("busy");
  IpBatch changes;
  for (int i = 0; i < kChanges; ++i) changes.Add(absl::StrCat("link set busy mtu ", 1280 + i % 2));
  changes.Add("link add late type bridge");

  // To read all interfaces takes a socket, and there is none to be had. (A lower limit forbids
  // poll, too.)
  rlimit before{};
  REQUIRE(prlimit(agent.pid(), RLIMIT_NOFILE, nullptr, &before) == 0);
  const rlimit none{.rlim_cur = 2, .rlim_max = before.rlim_max};
  kill(agent.pid(), SIGSTOP);
  REQUIRE(prlimit(agent.pid(), RLIMIT_NOFILE, &none, nullptr) == 0);
  changes.Run(host);
  kill(agent.pid(), SIGCONT);
  agent.WaitForStatus([&](const GetStatusResponse&) {
    return agent.Log().find("new interfaces are not seen until this works") != std::string::npos;
  });
  REQUIRE(prlimit(agent.pid(), RLIMIT_NOFILE, &before, nullptr) == 0);

  agent.WaitForAttached("late");
  host.Ip("link add later type bridge");
  agent.WaitForAttached("later");
}

TEST_CASE("what an interface carried before the agent came is told as unseen", "[kernel]") {
  const NetworkNamespace host("host"), pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  pod.Inside([] { Ping("10.99.0.1", 1); });
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");
  const GetStatusResponse status = agent.Status();
  REQUIRE(FindInterface(status, "to-pod") != nullptr);
  CHECK(FindInterface(status, "to-pod")->unseen_packets() >= 2);  // the request and its reply
  CHECK(FindInterface(status, "to-pod")->unseen_bytes() >= 2 * 28);
}

TEST_CASE("the other end of a pod's link is found in the pod's namespace", "[kernel][vm-all]") {
  const NetworkNamespace host("host"), pod("pod");
  Connect(host, "to-pod", pod, "eth0");
  uint32_t index = 0;
  struct stat space {};
  pod.Inside([&] {
    index = if_nametoindex("eth0");
    REQUIRE(stat("/proc/thread-self/ns/net", &space) == 0);
  });
  const AgentProcess agent(&host);
  agent.WaitForAttached("to-pod");
  const GetStatusResponse status = agent.Status();
  REQUIRE(FindInterface(status, "to-pod") != nullptr);
  CHECK(FindInterface(status, "to-pod")->peer_index() == index);
  CHECK(FindInterface(status, "to-pod")->peer_netns() == space.st_ino);
  CHECK(FindInterface(status, "to-pod")->peer_netns_path() == "/run/netns/" + pod.name());
}

TEST_CASE("the end of a pair by which the node itself reaches the world is its uplink",
          "[kernel][vm-all]") {
  const NetworkNamespace host("host"), outside("outside");
  Connect(host, "eth0", outside, "to-host");
  const AgentProcess agent(&host);
  agent.WaitForAttached("eth0");
  const auto wait_for_role = [&agent](const std::string& role) {
    agent.WaitForStatus([&](const GetStatusResponse& status) {
      return FindInterface(status, "eth0")->role() == role;
    });
  };
  const auto ping = [&](uint16_t id, flow::TraceObservationPoint point) {
    host.Inside([id] { Ping("10.99.0.2", id); });
    agent.WaitForFlow("the request", [=](const flow::Flow& flow) {
      return flow.l4().icmpv4().type() == 8 && flow.trace_observation_point() == point;
    });
  };
  wait_for_role("pod");
  ping(1, flow::TO_ENDPOINT);
  host.Ip("route add default via 10.99.0.2");
  // Others do not count.
  host.Ip("route add 192.0.2.0/24 via 10.99.0.2");
  host.Ip("route add default via 10.99.0.2 table 7");
  wait_for_role("uplink");
  ping(2, flow::TO_NETWORK);
  host.Ip("-6 route add default dev eth0 metric 5");
  host.Ip("route replace default dev eth0 via 10.99.0.2");
  host.Ip("route del default");
  // The last one that leads through it.
  host.Ip("-6 route del default dev eth0 metric 5");
  wait_for_role("pod");
}

TEST_CASE("what an interface is for follows from what the kernel says of it", "[kernel][vm-all]") {
  struct Row {
    const char* name;
    const char* role;
    const char* made_by;  // ip arguments
  };
  constexpr Row kRows[] = {
      {"pod0", "pod", "link add pod0 type veth peer name pod1"},
      {"br0", "bridge", "link add br0 type bridge"},
      {"vx0", "overlay", "link add vx0 type vxlan id 1 dstport 4789 dev br0"},
      {"gnv0", "overlay", "link add gnv0 type geneve id 1 remote 192.0.2.1"},
      {"gre1", "overlay", "link add gre1 type gre remote 192.0.2.1"},
      {"ip1", "overlay", "link add ip1 type ipip remote 192.0.2.1"},
      {"sit1", "overlay", "link add sit1 type sit remote 192.0.2.1"},
      {"bond7", "bond", "link add bond7 type bond"},
      {"vlan5", "vlan", "link add link br0 name vlan5 type vlan id 5"},
      {"wg0", "tunnel", "link add wg0 type wireguard"},
      {"tun0", "tunnel", "tuntap add tun0 mode tun"},
      {"tap0", "host", "tuntap add tap0 mode tap"},
      {"dm0", "host", "link add dm0 type dummy"},
  };
  const NetworkNamespace host("host");
  const AgentProcess agent(&host);
  for (const Row& row : kRows) {
    if (RunCommandLine("ip -n " + host.name() + " " + row.made_by).status != 0) {
      WARN("this kernel has no such device: " << row.made_by);
      continue;
    }
    INFO(row.made_by);
    agent.WaitForAttached(row.name);
    const GetStatusResponse status = agent.Status();
    CHECK(FindInterface(status, row.name)->role() == row.role);
  }
  CHECK(FindInterface(agent.Status(), "lo")->role() == "loopback");
}

TEST_CASE("interfaces are chosen by the names that they have now", "[kernel][vm-all]") {
  const NetworkNamespace host("host");
  SwitchOffIpv6(host);
  for (const char* name : {"eth0", "ext1", "veth-a"}) {
    host.Ip(absl::StrCat("link add ", name, " type veth peer name p-", name));
  }
  const AgentProcess agent(&host,
                           {"--interface-include", "e*,tmp?", "--interface-exclude", "ext*"});
  const auto is_left_alone = [](const GetStatusResponse& status, const char* name,
                                const char* why) {
    const InterfaceStatus* interface = FindInterface(status, name);
    return interface != nullptr && interface->attach().empty() && interface->detail() == why;
  };
  agent.WaitForAttached("eth0");
  agent.WaitForStatus([&](const GetStatusResponse& status) {
    return is_left_alone(status, "ext1", "in --interface-exclude") &&
           is_left_alone(status, "veth-a", "not in --interface-include");
  });
  const size_t rows = InterfaceRows(agent.pid());

  // A container's interface is often made under another name than that which it is to have.
  host.Ip("link set veth-a name tmp7");
  agent.WaitForAttached("tmp7");
  host.Ip("link set tmp7 name eth1");
  host.Ip("link set ext1 name eth2");
  agent.WaitForAttached("eth2");
  CHECK_FALSE(FindInterface(agent.Status(), "eth1")->attach().empty());
  CHECK(InterfaceRows(agent.pid()) == rows + 2);

  host.Ip("link set eth0 name ext0");
  host.Ip("link set eth2 name other");
  agent.WaitForStatus([&](const GetStatusResponse& status) {
    return is_left_alone(status, "ext0", "in --interface-exclude") &&
           is_left_alone(status, "other", "not in --interface-include");
  });
  // And their rows, once their connections have told all.
  agent.WaitForStatus([&](const GetStatusResponse&) { return InterfaceRows(agent.pid()) == rows; });
  for (const char* name : {"eth1", "p-veth-a"}) host.Ip(absl::StrCat("link set ", name, " up"));
  host.Inside([] { SendRawUdp("eth1", 4001); });
  agent.WaitForFlow("what stayed",
                    [](const flow::Flow& flow) { return flow.l4().udp().source_port() == 4001; });
}

}  // namespace alidade::testing
