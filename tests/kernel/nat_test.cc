// SPDX-License-Identifier: Apache-2.0
//
// Connections that the kernel's own conntrack translates, by real nftables rules: a service address
// as kube-proxy makes one, and masquerade.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fstream>
#include <optional>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/extension.h"
#include "tests/kernel/kernel_features.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

// The addresses of a test, of either family.
struct Net {
  std::string table;  // nftables' word for the family
  std::string pod, pod_gateway;
  std::string backend, backend_gateway;
  std::string service;  // nobody's
  std::string pod_range;
  std::string forwarding;  // sysctl

  bool v6() const { return table == "ip6"; }
  // As the extension writes an address with a port.
  std::string End(const std::string& address, uint16_t port) const {
    return (v6() ? "[" + address + "]" : address) + ":" + std::to_string(port);
  }
};

const Net kIpv4{"ip",        "10.99.1.2", "10.99.1.1",    "10.99.2.2",
                "10.99.2.1", "10.96.0.1", "10.99.1.0/24", "net.ipv4.ip_forward"};
const Net kIpv6{"ip6",       "fd99:1::2", "fd99:1::1",   "fd99:2::2",
                "fd99:2::1", "fd96::1",   "fd99:1::/64", "net.ipv6.conf.all.forwarding"};

// pod -- node -- backend; the node translates.
struct TranslatingNode {
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  NetworkNamespace backend{"backend"};

  // `chain`: what stands in a chain of its table nat.
  TranslatingNode(const Net& net, const std::string& chain) {
    Join(net, pod, "to-pod", net.pod_gateway, net.pod);
    Join(net, backend, "to-backend", net.backend_gateway, net.backend);
    host.Run("sysctl -qw " + net.forwarding + "=1");
    const std::string file = "/tmp/" + host.name() + ".nft";
    std::ofstream(file) << "table " << net.table << " nat {\n chain ours {\n"
                        << chain << "\n }\n}\n";
    host.Run("nft -f " + file);
    std::remove(file.c_str());
  }

  void Join(const Net& net, const NetworkNamespace& space, const std::string& device,
            const std::string& near, const std::string& far) const {
    const std::string prefix = net.v6() ? "/64 dev " : "/24 dev ";
    const std::string at_once = net.v6() ? " nodad" : "";
    host.Ip("link add " + device + " type veth peer name eth0 netns " + space.name());
    host.Ip("addr add " + near + prefix + device + at_once);
    space.Ip("addr add " + far + prefix + "eth0" + at_once);
    host.Ip("link set " + device + " up");
    space.Ip("link set eth0 up");
    space.Ip("route add default via " + near);
  }
};

}  // namespace

TEST_CASE("a service address is told with the backend behind it, and the other way round",
          "[kernel][vm-all]") {
  const Net net = GENERATE(kIpv4, kIpv6);
  INFO(net.table);
  const TranslatingNode node(net, "  type nat hook prerouting priority -100;\n  " + net.table +
                                      " daddr " + net.service + " tcp dport 80 dnat to " +
                                      net.End(net.backend, 8080));
  // Now that its rules have brought in the modules.
  if (ConntrackLookupPlace().empty()) SKIP("this kernel has no bpf_skb_ct_lookup");
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");
  agent.WaitForAttached("to-backend");
  node.backend.Inside([&] {
    const Peer self(net.backend, 8080);
    const Socket listener(self.family, SOCK_STREAM);
    REQUIRE(bind(listener.fd(), self.address(), self.size) == 0);
    REQUIRE(listen(listener.fd(), 8) == 0);
    node.pod.Inside([&] { ExchangeTcp(listener, net.service, 80, "hello"); });
  });

  const auto on = [](const std::string& device, const std::string& destination) {
    return [=](const flow::Flow& flow) {
      return flow.type() == flow::L3_L4 && flow.interface().name() == device &&
             flow.ip().destination() == destination && flow.l4().tcp().flags().fin();
    };
  };
  // Its FIN: when the SYN came in, conntrack had not seen the connection yet.
  const flow::Flow asked = agent.WaitForFlow("FIN from the pod", on("to-pod", net.service));
  CHECK(TextIn(asked, "translated_destination") == net.End(net.backend, 8080));
  CHECK(TextIn(asked, "translated_source").empty());
  const flow::Flow forwarded =
      agent.WaitForFlow("FIN at the backend", on("to-backend", net.backend));
  CHECK(TextIn(forwarded, "original_destination") == net.End(net.service, 80));
  const flow::Flow answered = agent.WaitForFlow("FIN of the backend", on("to-backend", net.pod));
  CHECK(TextIn(answered, "translated_source") == net.End(net.service, 80));
  const flow::Flow returned = agent.WaitForFlow("FIN at the pod", on("to-pod", net.pod));
  CHECK(returned.ip().source() == net.backend);
  CHECK(returned.ip().source_xlated() == net.service);
  CHECK(TextIn(returned, "original_source") == net.End(net.backend, 8080));
}

TEST_CASE("a masqueraded connection is told with the pod behind it", "[kernel][vm-all]") {
  const Net net = GENERATE(kIpv4, kIpv6);
  INFO(net.table);
  const TranslatingNode node(net, "  type nat hook postrouting priority 100;\n  " + net.table +
                                      " saddr " + net.pod_range +
                                      " oifname \"to-backend\" masquerade");
  // Now that its rules have brought in the modules.
  if (ConntrackLookupPlace().empty()) SKIP("this kernel has no bpf_skb_ct_lookup");
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");
  agent.WaitForAttached("to-backend");
  std::optional<Socket> listener;
  node.backend.Inside([&] { listener.emplace(Serve(SOCK_STREAM, net.backend)); });
  uint16_t port = 0;
  node.pod.Inside([&] { port = ExchangeTcp(*listener, net.backend, "hello"); });

  const flow::Flow out = agent.WaitForFlow("SYN on its way out", [&](const flow::Flow& flow) {
    return flow.type() == flow::L3_L4 && flow.interface().name() == "to-backend" &&
           flow.ip().destination() == net.backend && flow.l4().tcp().flags().syn();
  });
  CHECK(out.ip().source() == net.pod);
  CHECK(out.ip().source_xlated() == net.backend_gateway);
  CHECK(TextIn(out, "original_source") == net.End(net.pod, port));
  const flow::Flow answer = agent.WaitForFlow("its answer", [&](const flow::Flow& flow) {
    return flow.type() == flow::L3_L4 && flow.interface().name() == "to-backend" &&
           flow.ip().destination() == net.backend_gateway && flow.l4().tcp().flags().syn();
  });
  CHECK(TextIn(answer, "translated_destination") == net.End(net.pod, port));
}

}  // namespace alidade::testing
