// SPDX-License-Identifier: Apache-2.0
#include "parser/netfilter_hook.h"

#include <algorithm>
#include <iterator>

namespace alidade {
namespace {

struct HookCaller {
  std::string_view function;
  std::string_view hook;
};

// The functions in which NF_HOOK and its like stand, in kernels 5.17 to 7.1, and those into which a
// compiler may put them. Sorted by name.
constexpr HookCaller kCallers[] = {
    {"__br_forward", "bridge forward"},
    {"__dev_queue_xmit", "egress"},
    {"__ip6_local_out", "output"},
    {"__ip_local_out", "output"},
    {"__netif_receive_skb_core", "ingress"},
    {"arp_rcv", "arp input"},
    {"arp_xmit", "arp output"},
    {"br_forward_finish", "bridge postrouting"},
    {"br_handle_frame", "bridge prerouting"},
    {"br_nf_forward_finish", "forward"},
    {"br_nf_forward_ip", "forward"},
    {"br_nf_local_in", "input"},
    {"br_nf_post_routing", "postrouting"},
    {"br_nf_pre_routing", "prerouting"},
    {"br_nf_pre_routing_ipv6", "prerouting"},
    {"br_pass_frame_up", "bridge input"},
    {"igmp6_send", "output"},
    {"ip6_finish_output", "postrouting"},
    {"ip6_forward", "forward"},
    {"ip6_input", "input"},
    {"ip6_mc_input", "input"},
    {"ip6_output", "postrouting"},
    {"ip6_xmit", "output"},
    {"ip6mr_forward2", "forward"},
    {"ip_forward", "forward"},
    {"ip_list_rcv", "prerouting"},
    {"ip_local_deliver", "input"},
    {"ip_local_out", "output"},
    {"ip_mc_output", "postrouting"},
    {"ip_output", "postrouting"},
    {"ip_rcv", "prerouting"},
    {"ip_sublist_rcv", "prerouting"},
    {"ipmr_queue_xmit", "forward"},
    {"ipv6_list_rcv", "prerouting"},
    {"ipv6_rcv", "prerouting"},
    {"mld_sendpack", "output"},
    {"ndisc_send_skb", "output"},
    {"raw_send_hdrinc", "output"},
    {"raw_sendmsg", "output"},
    {"rawv6_send_hdrinc", "output"},
    {"rawv6_sendmsg", "output"},
    {"xfrm4_output", "postrouting"},
    {"xfrm6_output", "postrouting"},
};

}  // namespace

std::string_view NetfilterHook(std::string_view caller) {
  const auto* row = std::lower_bound(
      std::begin(kCallers), std::end(kCallers), caller,
      [](const HookCaller& entry, std::string_view name) { return entry.function < name; });
  return row != std::end(kCallers) && row->function == caller ? row->hook : std::string_view();
}

}  // namespace alidade
