// SPDX-License-Identifier: Apache-2.0
#include "parser/netfilter_hook.h"

#include <catch2/catch_test_macros.hpp>

namespace alidade {

TEST_CASE("the function that runs a hook names it", "[parser]") {
  CHECK(NetfilterHook("__br_forward") == "bridge forward");
  CHECK(NetfilterHook("__netif_receive_skb_core") == "ingress");
  CHECK(NetfilterHook("ip_local_deliver") == "input");
  CHECK(NetfilterHook("ip_forward") == "forward");
  CHECK(NetfilterHook("ip6_xmit") == "output");
  CHECK(NetfilterHook("xfrm6_output") == "postrouting");
  CHECK(NetfilterHook("tcp_v4_rcv").empty());
  CHECK(NetfilterHook("").empty());
  CHECK(NetfilterHook("zzz").empty());
}

}  // namespace alidade
