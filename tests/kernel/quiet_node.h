// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_TESTS_KERNEL_QUIET_NODE_H_
#define ALIDADE_TESTS_KERNEL_QUIET_NODE_H_

#include "tests/kernel/netns.h"

namespace alidade::testing {

// A node with one pod and nothing between them but what the test sends: neighbours are known and
// IPv6 is off.
struct QuietNode {
  NetworkNamespace host{"host"};
  NetworkNamespace pod{"pod"};
  QuietNode() {
    for (const NetworkNamespace* space : {&host, &pod}) {
      space->Run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
    }
    host.Ip(
        "link add to-pod address 02:00:00:00:00:01 type veth peer name eth0 address "
        "02:00:00:00:00:02 netns " +
        pod.name());
    host.Ip("addr add 10.99.0.1/24 dev to-pod");
    pod.Ip("addr add 10.99.0.2/24 dev eth0");
    host.Ip("link set to-pod up");
    pod.Ip("link set eth0 up");
    host.Ip("neigh replace 10.99.0.2 lladdr 02:00:00:00:00:02 dev to-pod nud permanent");
    pod.Ip("neigh replace 10.99.0.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent");
  }
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_QUIET_NODE_H_
