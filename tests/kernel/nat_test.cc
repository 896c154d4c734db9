// SPDX-License-Identifier: Apache-2.0
//
// Connections that the kernel's own conntrack translates, by real nftables rules: a service address
// as kube-proxy makes one, and masquerade.
#include <google/protobuf/struct.pb.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <optional>
#include <string>

#include "tests/kernel/agent_process.h"
#include "tests/kernel/kernel_features.h"
#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {
namespace {

// pod 10.99.1.2 -- node -- backend 10.99.2.2; the node translates.
struct TranslatingNode {
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  NetworkNamespace backend{"backend"};

  explicit TranslatingNode(const std::string& rules) {
    Join(pod, "to-pod", "10.99.1");
    Join(backend, "to-backend", "10.99.2");
    host.Run("sysctl -qw net.ipv4.ip_forward=1");
    const std::string file = "/tmp/" + host.name() + ".nft";
    std::ofstream(file) << rules;
    host.Run("nft -f " + file);
    std::remove(file.c_str());
  }

  void Join(const NetworkNamespace& space, const std::string& device,
            const std::string& net) const {
    host.Ip("link add " + device + " type veth peer name eth0 netns " + space.name());
    host.Ip("addr add " + net + ".1/24 dev " + device);
    space.Ip("addr add " + net + ".2/24 dev eth0");
    host.Ip("link set " + device + " up");
    space.Ip("link set eth0 up");
    space.Ip("route add default via " + net + ".1");
  }
};

std::string Text(const flow::Flow& flow, const std::string& key) {
  google::protobuf::Struct extension;
  if (!flow.extensions().UnpackTo(&extension)) return {};
  const auto found = extension.fields().find(key);
  return found == extension.fields().end() ? std::string() : found->second.string_value();
}

}  // namespace

TEST_CASE("a service address is told with the backend behind it, and the other way round",
          "[kernel][vm]") {
  const TranslatingNode node(
      "table ip nat {\n chain services {\n  type nat hook prerouting priority -100;\n"
      "  ip daddr 10.96.0.1 tcp dport 80 dnat to 10.99.2.2:8080\n }\n}\n");
  // Now that its rules have brought in the modules.
  if (ConntrackLookupPlace().empty()) SKIP("this kernel has no bpf_skb_ct_lookup");
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");
  agent.WaitForAttached("to-backend");
  node.backend.Inside([&] {
    const Peer self("10.99.2.2", 8080);
    const Socket listener(AF_INET, SOCK_STREAM);
    REQUIRE(bind(listener.fd(), self.address(), self.size) == 0);
    REQUIRE(listen(listener.fd(), 8) == 0);
    node.pod.Inside([&] { ExchangeTcp(listener, "10.96.0.1", 80, "hello"); });
  });

  const auto on = [](const std::string& device, const std::string& destination) {
    return [=](const flow::Flow& flow) {
      return flow.type() == flow::L3_L4 && flow.interface().name() == device &&
             flow.ip().destination() == destination && flow.l4().tcp().flags().fin();
    };
  };
  // Its FIN: when the SYN came in, conntrack had not seen the connection yet.
  const flow::Flow asked = agent.WaitForFlow("FIN from the pod", on("to-pod", "10.96.0.1"));
  CHECK(Text(asked, "translated_destination") == "10.99.2.2:8080");
  CHECK(Text(asked, "translated_source").empty());
  const flow::Flow forwarded =
      agent.WaitForFlow("FIN at the backend", on("to-backend", "10.99.2.2"));
  CHECK(Text(forwarded, "original_destination") == "10.96.0.1:80");
  const flow::Flow answered =
      agent.WaitForFlow("FIN of the backend", on("to-backend", "10.99.1.2"));
  CHECK(Text(answered, "translated_source") == "10.96.0.1:80");
  const flow::Flow returned = agent.WaitForFlow("FIN at the pod", on("to-pod", "10.99.1.2"));
  CHECK(returned.ip().source() == "10.99.2.2");
  CHECK(returned.ip().source_xlated() == "10.96.0.1");
  CHECK(Text(returned, "original_source") == "10.99.2.2:8080");
}

TEST_CASE("a masqueraded connection is told with the pod behind it", "[kernel][vm]") {
  const TranslatingNode node(
      "table ip nat {\n chain out {\n  type nat hook postrouting priority 100;\n"
      "  ip saddr 10.99.1.0/24 oifname \"to-backend\" masquerade\n }\n}\n");
  // Now that its rules have brought in the modules.
  if (ConntrackLookupPlace().empty()) SKIP("this kernel has no bpf_skb_ct_lookup");
  const AgentProcess agent(&node.host);
  agent.WaitForAttached("to-pod");
  agent.WaitForAttached("to-backend");
  std::optional<Socket> listener;
  node.backend.Inside([&] { listener.emplace(Serve(SOCK_STREAM, "10.99.2.2")); });
  uint16_t port = 0;
  node.pod.Inside([&] { port = ExchangeTcp(*listener, "10.99.2.2", "hello"); });

  const flow::Flow out = agent.WaitForFlow("SYN on its way out", [](const flow::Flow& flow) {
    return flow.type() == flow::L3_L4 && flow.interface().name() == "to-backend" &&
           flow.ip().destination() == "10.99.2.2" && flow.l4().tcp().flags().syn();
  });
  CHECK(out.ip().source() == "10.99.1.2");
  CHECK(out.ip().source_xlated() == "10.99.2.1");
  CHECK(Text(out, "original_source") == "10.99.1.2:" + std::to_string(port));
  const flow::Flow answer = agent.WaitForFlow("its answer", [](const flow::Flow& flow) {
    return flow.type() == flow::L3_L4 && flow.interface().name() == "to-backend" &&
           flow.ip().destination() == "10.99.2.1" && flow.l4().tcp().flags().syn();
  });
  CHECK(Text(answer, "translated_destination") == "10.99.1.2:" + std::to_string(port));
}

}  // namespace alidade::testing
