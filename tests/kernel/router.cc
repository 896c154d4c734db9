// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/router.h"

#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "tests/kernel/traffic.h"

namespace alidade::testing {

Router::Router() {
  Link(pod, "to-pod", "1");
  Link(other, "to-other", "2");
  host.Run("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
  agent.emplace(&host);
  agent->WaitForAttached("to-pod");
  agent->WaitForAttached("to-other");
}

void Router::Link(const NetworkNamespace& end, const std::string& device,
                  const std::string& number) {
  const std::string v4 = "10.99." + number + ".", v6 = "fd99:" + number + "::";
  host.Ip("link add " + device + " type veth peer name eth0 netns " + end.name());
  host.Ip("addr add " + v4 + "1/24 dev " + device);
  host.Ip("addr add " + v6 + "1/64 dev " + device + " nodad");
  host.Ip("link set " + device + " up");
  end.Ip("addr add " + v4 + "2/24 dev eth0");
  end.Ip("addr add " + v6 + "2/64 dev eth0 nodad");
  end.Ip("link set eth0 up");
  end.Ip("route add default via " + v4 + "1");
  end.Ip("route add default via " + v6 + "1");
}

BackgroundTraffic::BackgroundTraffic(const Router& node) {
  std::optional<Socket> server;
  node.other.Inside([&] { server.emplace(Serve(SOCK_DGRAM, kOtherIp)); });
  thread_ = std::thread([this, &node, server = std::move(*server)]() mutable {
    node.pod.Enter();
    const Socket client = Serve(SOCK_DGRAM, kPodIp);
    const Peer to_server(kOtherIp, LocalPort(server));
    char byte = 'b';
    while (!stop_) {
      [[maybe_unused]] const ssize_t sent =
          sendto(client.fd(), &byte, 1, 0, to_server.address(), to_server.size);
      // Not all arrive: some causes hit this traffic too.
      while (recv(server.fd(), &byte, 1, MSG_DONTWAIT) == 1) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
}

BackgroundTraffic::~BackgroundTraffic() {
  stop_ = true;
  thread_.join();
}

}  // namespace alidade::testing
