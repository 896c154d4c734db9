// SPDX-License-Identifier: Apache-2.0
//
// Real devices that carry one network through another: what is seen on the device and on the link
// below. A kernel that has no such device is passed over, so the whole table needs other kernels
// than the build machine's own.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "tests/kernel/agent_process.h"
#include "tests/kernel/command.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

struct Device {
  const char* kind;
  const char* role;
  // Arguments for ip; BELOW is the link below, SELF and OTHER are the ends' numbers.
  const char* made_by;
  flow::Tunnel::Protocol protocol;  // on the link below
  const char* unnumbered;           // name of a tunnel that has no protocol number there
  bool has_ethernet;
  const char* carries;  // 4, 6 or 46
};

constexpr Device kDevices[] = {
    {"vxlan", "overlay",
     "link add over type vxlan id 7 dstport 4789 dev BELOW local 10.99.0.SELF remote 10.99.0.OTHER",
     flow::Tunnel::VXLAN, "", true, "46"},
    {"geneve", "overlay", "link add over type geneve id 7 remote 10.99.0.OTHER",
     flow::Tunnel::GENEVE, "", true, "46"},
    {"gre", "overlay", "link add over type gre local 10.99.0.SELF remote 10.99.0.OTHER",
     flow::Tunnel::UNKNOWN, "GRE", false, "46"},
    {"gre to a group", "overlay",
     "link add over type gre local 10.99.0.SELF remote 239.1.2.3 ttl 4 dev BELOW",
     flow::Tunnel::UNKNOWN, "GRE", false, "46"},
    {"gretap", "overlay", "link add over type gretap local 10.99.0.SELF remote 10.99.0.OTHER",
     flow::Tunnel::UNKNOWN, "GRE", true, "46"},
    {"ip6gre", "overlay", "link add over type ip6gre local fd99::SELF remote fd99::OTHER",
     flow::Tunnel::UNKNOWN, "GRE", false, "46"},
    {"ipip", "overlay", "link add over type ipip local 10.99.0.SELF remote 10.99.0.OTHER",
     flow::Tunnel::UNKNOWN, "4in4", false, "4"},
    {"sit", "overlay", "link add over type sit local 10.99.0.SELF remote 10.99.0.OTHER",
     flow::Tunnel::UNKNOWN, "6in4", false, "6"},
    {"ip6tnl", "overlay",
     "link add over type ip6tnl mode any encaplimit none local fd99::SELF remote fd99::OTHER",
     flow::Tunnel::UNKNOWN, "in6", false, "46"},
    {"vlan", "vlan", "link add link BELOW name over type vlan id 5", flow::Tunnel::UNKNOWN, "",
     true, "46"},
    {"wireguard", "tunnel", "link add over type wireguard", flow::Tunnel::UNKNOWN, "", false, "46"},
};

bool Carries(const Device& device, char version) {
  return std::string(device.carries).find(version) != std::string::npos;
}

// Two hosts and the device between them, on a veth pair.
struct Ends {
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};

  Ends() { Connect(host, "to-pod", pod, "eth0"); }

  // False: this kernel has no such device.
  bool Add(const Device& device) const {
    return Add(host, "to-pod", "1", "2", device) && Add(pod, "eth0", "2", "1", device);
  }
  void Remove() const {
    host.Ip("link del over");
    pod.Ip("link del over");
  }

 private:
  static bool Add(const NetworkNamespace& end, const std::string& below, const std::string& self,
                  const std::string& other, const Device& device) {
    const std::string arguments =
        absl::StrReplaceAll(device.made_by, {{"BELOW", below}, {"SELF", self}, {"OTHER", other}});
    if (RunCommandLine("ip -n " + end.name() + " " + arguments).status != 0) return false;
    if (Carries(device, '4')) end.Ip("addr add 10.98.0." + self + "/24 dev over");
    if (Carries(device, '6')) end.Ip("addr add fd98::" + self + "/64 dev over nodad");
    end.Ip("link set over up");
    return true;
  }
};

std::string FirstWordOf(const std::string& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

// Keys and peers for the ends of a WireGuard device; false: there is no wg(8) to tell them.
bool ConfigureWireGuard(const Ends& ends) {
  const std::string folder = "/tmp/" + ends.host.name() + "-wg";
  const bool made = RunCommand({"sh", "-ec",
                                "umask 077; mkdir " + folder + "; cd " + folder +
                                    "; for end in host pod; do wg genkey >$end; wg pubkey <$end "
                                    ">$end.pub; done"})
                        .status == 0;
  const auto configure = [&](const NetworkNamespace& end, const std::string& self,
                             const std::string& other, const std::string& address) {
    end.Run("wg set over listen-port 51820 private-key " + folder + "/" + self + " peer " +
            FirstWordOf(folder + "/" + other + ".pub") + " allowed-ips 0.0.0.0/0,::/0 endpoint " +
            address + ":51820");
  };
  if (made) {
    configure(ends.host, "host", "pod", "10.99.0.2");
    configure(ends.pod, "pod", "host", "10.99.0.1");
  }
  std::filesystem::remove_all(folder);
  return made;
}

}  // namespace

TEST_CASE("a real device's packets are seen on it and on the link below", "[kernel][vm-all]") {
  const Ends ends;
  // Every packet, also what the link below would aggregate.
  const AgentProcess agent(&ends.host, {"--monitor-aggregation", "none"});
  agent.WaitForAttached("to-pod");
  for (const Device& device : kDevices) {
    INFO(device.kind);
    if (!ends.Add(device)) {
      WARN("this kernel has no " << device.kind);
      continue;
    }
    const std::string kind = device.kind;
    if (kind == "wireguard" && !ConfigureWireGuard(ends)) {
      WARN("no wg here to configure WireGuard with");
      ends.Remove();
      continue;
    }
    agent.WaitForAttached("over");
    CHECK(FindInterface(agent.Status(), "over")->role() == device.role);

    for (const std::string ip : {"10.98.0.1", "fd98::1"}) {
      const bool is_v6 = ip == "fd98::1";
      if (!Carries(device, is_v6 ? '6' : '4')) continue;
      INFO(ip);
      uint16_t port = 0;
      ends.pod.Inside([&] { port = SendUdp(ip, 9, "through the tunnel"); });
      const auto seen_on = [&](const std::string& name) {
        return agent.WaitForFlow(name, [&](const flow::Flow& flow) {
          return flow.verdict() == flow::FORWARDED && flow.interface().name() == name &&
                 flow.l4().udp().source_port() == port;
        });
      };
      const flow::Flow inside = seen_on("over");
      CHECK(inside.ip().source() == (is_v6 ? "fd98::2" : "10.98.0.2"));
      CHECK(inside.has_ethernet() == device.has_ethernet);
      CHECK_FALSE(inside.has_tunnel());
      CHECK(inside.trace_reason() == flow::NEW);

      if (kind == "wireguard") {
        // Below is nothing but encrypted datagrams.
        agent.WaitForFlow("the datagram below", [&](const flow::Flow& flow) {
          return flow.interface().name() == "to-pod" && flow.l4().udp().source_port() == 51820;
        });
        continue;
      }
      const flow::Flow below = seen_on("to-pod");
      CHECK(below.ip().destination() == ip);
      if (kind == "vlan") {
        CHECK(NumberIn(below, "vlan") == 5);
        CHECK_FALSE(below.has_tunnel());
        continue;
      }
      CHECK(below.tunnel().protocol() == device.protocol);
      std::string unnumbered = device.unnumbered;
      if (unnumbered == "in6") unnumbered = is_v6 ? "6in6" : "4in6";
      CHECK(TextIn(below, "tunnel_protocol") == unnumbered);
      CHECK(below.tunnel().vni() == (device.protocol == flow::Tunnel::UNKNOWN ? 0 : 7));
      const bool is_outer_v6 = below.tunnel().ip().ipversion() == flow::IPv6;
      CHECK(below.tunnel().ip().source() == (is_outer_v6 ? "fd99::2" : "10.99.0.2"));
    }
    ends.Remove();
  }
}

}  // namespace alidade::testing
