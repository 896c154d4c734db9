// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/drop_reasons.h"

#include <bpf/btf.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace alidade {
namespace {

constexpr DropMeaning kNotADrop{.is_drop = false};
constexpr DropMeaning Drop(flow::DropReason reason) { return {.reason = reason}; }
constexpr DropMeaning kDropUnlessEmpty{.is_drop_when_empty = false};
constexpr DropMeaning kInputDrop{.is_input = true};
constexpr DropMeaning kFirewallDrop{.reason = flow::POLICY_DENIED, .has_hook = true};

// Sorted by name. Reasons that are not here are drops without a near Hubble reason: the kernel's
// own name says more than a wrong one would. docs/drop-reasons.md is made from this table.
// Meanings: include/net/dropreason-core.h, dropreason-qdisc.h, net/openvswitch/drop.h.
constexpr NamedDropMeaning kMeanings[] = {
    {"CONSUMED", kNotADrop},
    {"CPU_BACKLOG", kInputDrop},
    {"DEV_HDR", Drop(flow::INVALID_PACKET_DROPPED)},
    {"FQ_HORIZON_LIMIT", Drop(flow::REACHED_EDT_RATE_LIMITING_DROP_HORIZON)},
    {"HDR_TRUNC", Drop(flow::INVALID_PACKET_DROPPED)},
    {"ICMP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"INVALID_PROTO", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IPV6DISABLED", Drop(flow::UNSUPPORTED_L3_PROTOCOL)},
    {"IPV6_BAD_EXTHDR", Drop(flow::INVALID_IPV6_EXTENSION_HEADER)},
    {"IPV6_NDISC_BAD_CODE", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IPV6_NDISC_BAD_OPTIONS", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IPV6_NDISC_FRAG", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IPV6_NDISC_HOP_LIMIT", Drop(flow::INVALID_PACKET_DROPPED)},
    // Neighbour solicitations for somebody else reach every host on the link.
    {"IPV6_NDISC_NS_OTHERHOST", kNotADrop},
    {"IPV6_TOO_MANY_EXTHDRS", Drop(flow::INVALID_IPV6_EXTENSION_HEADER)},
    {"IP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IP_INADDRERRORS", Drop(flow::STALE_OR_UNROUTABLE_IP)},
    {"IP_INHDR", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IP_INNOROUTES", Drop(flow::FIB_LOOKUP_FAILED)},
    {"IP_INVALID_DEST", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    {"IP_INVALID_SOURCE", Drop(flow::INVALID_SOURCE_IP)},
    {"IP_LOCAL_SOURCE", Drop(flow::INVALID_SOURCE_IP)},
    {"IP_NOPROTO", Drop(flow::UNKNOWN_L4_PROTOCOL)},
    {"IP_OUTNOROUTES", Drop(flow::FIB_LOOKUP_FAILED)},
    {"IP_RPFILTER", Drop(flow::INVALID_SOURCE_IP)},
    {"IP_TUNNEL_ECN", Drop(flow::INVALID_PACKET_DROPPED)},
    {"LOCAL_MAC", Drop(flow::INVALID_PACKET_DROPPED)},
    {"MAC_INVALID_SOURCE", Drop(flow::INVALID_PACKET_DROPPED)},
    {"NEIGH_CREATEFAIL", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    {"NEIGH_DEAD", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    {"NEIGH_FAILED", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    // The queue of packets for a neighbour that has not answered yet.
    {"NEIGH_QUEUEFULL", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    // A rule or a chain's policy of the node's own firewall said so.
    {"NETFILTER_DROP", kFirewallDrop},
    {"NOT_DROPPED_YET", kNotADrop},
    {"NO_SOCKET", Drop(flow::SOCKET_LOOKUP_FAILED)},
    // A frame for another host that a promiscuous interface took in.
    {"OTHERHOST", kNotADrop},
    {"OVS_DROP_FRAG_INVALID_PROTO", Drop(flow::UNSUPPORTED_L3_PROTOCOL)},
    {"OVS_DROP_IP_TTL", Drop(flow::TTL_EXCEEDED)},
    {"OVS_DROP_METER", Drop(flow::DROP_RATE_LIMITED)},
    // A copy for a packet socket such as tcpdump's; the packet itself goes on.
    {"PACKET_SOCK_ERROR", kNotADrop},
    {"PKT_TOO_SMALL", Drop(flow::INVALID_PACKET_DROPPED)},
    {"QDISC_DROP_HORIZON_LIMIT", Drop(flow::REACHED_EDT_RATE_LIMITING_DROP_HORIZON)},
    // What was still queued when its owner went away.
    {"QUEUE_PURGE", kNotADrop},
    // A security module's policy.
    {"SECURITY_HOOK", Drop(flow::POLICY_DENIED)},
    {"SKB_BAD_GSO", Drop(flow::INVALID_PACKET_DROPPED)},
    {"SKB_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"SOCKET_CLOSE", kNotADrop},
    // The connection ended while the segment was on its way to it. An acknowledgement that was
    // overtaken, or a RST, has nothing left to do; data, a SYN or a FIN is lost.
    {"TCP_CLOSE", kDropUnlessEmpty},
    {"TCP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"TCP_FLAGS", Drop(flow::INVALID_PACKET_DROPPED)},
    // Acknowledgements and merges that were used before the buffer was freed.
    {"TCP_OFOMERGE", kNotADrop},
    {"TCP_OLD_ACK", kNotADrop},
    // A segment that had arrived before: a sender on a busy node repeats one without need, and
    // probes a window that was full with an old byte.
    {"TCP_OLD_DATA", kNotADrop},
    {"TCP_OLD_SEQUENCE", kNotADrop},
    // A valid RST: it did its work.
    {"TCP_RESET", kNotADrop},
    // Old duplicates, known by their time stamp.
    {"TCP_RFC7323_PAWS", kNotADrop},
    {"TCP_RFC7323_PAWS_ACK", kNotADrop},
    {"TUNNEL_TXINFO", Drop(flow::NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT)},
    {"UDP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"UNHANDLED_PROTO", Drop(flow::UNSUPPORTED_L3_PROTOCOL)},
    {"UNICAST_IN_L2_MULTICAST", Drop(flow::INVALID_PACKET_DROPPED)},
    {"UNIX_DISCONNECT", kNotADrop},
    {"UNIX_SKIP_OOB", kNotADrop},
    {"VXLAN_INVALID_HDR", Drop(flow::INVALID_PACKET_DROPPED)},
    {"VXLAN_VNI_NOT_FOUND", Drop(flow::INVALID_VNI)},
    {"XDP", kInputDrop},
    // The packet does not fit the node's IPsec policies.
    {"XFRM_POLICY", Drop(flow::POLICY_DENIED)},
};

// Every kernel that gives reasons has this one.
constexpr std::string_view kFirstReason = "NO_SOCKET";

constexpr DropException kExceptions[] = {
    // TCP's receive path, acknowledgements that it has used.
    {"tcp_rcv_state_process", "NOT_SPECIFIED", kNotADrop},
    {"tcp_rcv_established", "NOT_SPECIFIED", kNotADrop},
    {"tcp_v4_do_rcv", "NOT_SPECIFIED", kNotADrop},
    {"tcp_v6_do_rcv", "NOT_SPECIFIED", kNotADrop},
    // A segment for a connection that has ended, answered by what is left of it (TIME_WAIT). Every
    // other drop there has a reason, where the kernel gives reasons.
    {"tcp_v4_rcv", "NOT_SPECIFIED", kNotADrop, kFirstReason},
    {"tcp_v6_rcv", "NOT_SPECIFIED", kNotADrop, kFirstReason},
    // A segment outside the window: one that had arrived before, until the kernel told them apart.
    {"", "TCP_INVALID_SEQUENCE", kNotADrop, "", "TCP_OLD_SEQUENCE"},
    // Messages that were understood, or mean nothing to a host. Before 6.3 every one but an echo
    // ends
    // so: neighbour discovery, errors, reports of multicast listeners.
    {"icmpv6_rcv", "NOT_SPECIFIED", kNotADrop},
    // Multicast input, what nobody here has joined.
    {"ip6_mc_input", "NOT_SPECIFIED", kNotADrop},
    // The end of a socket, what was still queued for its owner.
    {"udp_destruct_common", "NOT_SPECIFIED", kNotADrop},
    {"udp_destruct_sock", "NOT_SPECIFIED", kNotADrop},
    {"udpv6_destruct_sock", "NOT_SPECIFIED", kNotADrop},
    {"inet_sock_destruct", "NOT_SPECIFIED", kNotADrop},
    {"sk_stream_kill_queues", "NOT_SPECIFIED", kNotADrop},
    {"skb_queue_purge", "NOT_SPECIFIED", kNotADrop},
    {"skb_queue_purge_reason", "NOT_SPECIFIED", kNotADrop},
    {"skb_rbtree_purge", "NOT_SPECIFIED", kNotADrop},
    // A hook's verdict, where the kernel gives it no reason of its own.
    {"nf_hook_slow", "NOT_SPECIFIED", kFirewallDrop},
    // Functions that drop for one reason only, which a kernel without reasons does not give.
    {"enqueue_to_backlog", "NOT_SPECIFIED", kInputDrop},
    {"ip6_pkt_drop", "NOT_SPECIFIED", Drop(flow::FIB_LOOKUP_FAILED)},
    {"ip_error", "NOT_SPECIFIED", Drop(flow::FIB_LOOKUP_FAILED)},
    {"neigh_invalidate", "NOT_SPECIFIED", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    // A header error, which forwarding finds only in the time to live.
    {"ip_forward", "IP_INHDR", Drop(flow::TTL_EXCEEDED)},
    {"ip6_forward", "IP_INHDR", Drop(flow::TTL_EXCEEDED)},
};
static_assert(std::size(kExceptions) <= DROP_EXCEPTIONS);

constexpr drop_ignore IgnoredBy(const DropMeaning& meaning) {
  if (!meaning.is_drop) return IGNORE_ALL;
  return meaning.is_drop_when_empty ? IGNORE_NO_PACKET : IGNORE_EMPTY_SEGMENT;
}

constexpr drop_rule RuleOf(const DropMeaning& meaning) {
  return {.ignore = static_cast<uint8_t>(IgnoredBy(meaning)),
          .reason = static_cast<uint8_t>(meaning.reason),
          .is_input = static_cast<uint8_t>(meaning.is_input),
          .has_hook = static_cast<uint8_t>(meaning.has_hook)};
}

// The reason's name as the kernel's own tools print it: `SKB_DROP_REASON_`, `SKB_` and the
// underscores of an enum that is not for everybody left out.
std::string_view PlainName(std::string_view name) {
  name.remove_prefix(std::min(name.find_first_not_of('_'), name.size()));
  for (const std::string_view prefix : {"SKB_DROP_REASON_", "SKB_"}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

}  // namespace

std::span<const NamedDropMeaning> DropMeanings() { return kMeanings; }
std::span<const DropException> DropExceptions() { return kExceptions; }

DropMeaning MeaningOfDropReason(std::string_view kernel_name) {
  const auto* found =
      std::find_if(std::begin(kMeanings), std::end(kMeanings),
                   [&](const NamedDropMeaning& row) { return row.kernel_name == kernel_name; });
  return found == std::end(kMeanings) ? DropMeaning{} : found->meaning;
}

DropReasons DropReasons::Of(const KernelTypes& types) {
  DropReasons reasons;
  reasons.AddCore(types.kernel());
  reasons.AddSubsystems(types.kernel(), 1);
  types.ForEachModule(
      [&](const btf* module) { reasons.AddSubsystems(module, btf__type_cnt(types.kernel())); });
  return reasons;
}

void DropReasons::AddCore(const btf* kernel) {
  const int id = btf__find_by_name_kind(kernel, "skb_drop_reason", BTF_KIND_ENUM);
  if (id < 0) return;  // before 5.17
  AddReasons(kernel, static_cast<uint32_t>(id), kCore);
  const int subsystems = btf__find_by_name_kind(kernel, "skb_drop_reason_subsys", BTF_KIND_ENUM);
  if (subsystems < 0) return;  // before 6.4
  const btf_type* type = btf__type_by_id(kernel, static_cast<uint32_t>(subsystems));
  for (uint16_t i = 0; i < btf_vlen(type); ++i) {
    std::string_view name = PlainName(btf__name_by_offset(kernel, btf_enum(type)[i].name_off));
    constexpr std::string_view kPrefix = "SUBSYS_";
    if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
    subsystems_.emplace(static_cast<uint32_t>(btf_enum(type)[i].val), name);
  }
}

void DropReasons::AddSubsystems(const btf* object, uint32_t first_id) {
  for (uint32_t id = first_id; id < btf__type_cnt(object); ++id) {
    const btf_type* type = btf__type_by_id(object, id);
    if (btf_kind(type) != BTF_KIND_ENUM) continue;
    const std::string_view name = btf__name_by_offset(object, type->name_off);
    // mac80211_drop_reason, ovs_drop_reason, qdisc_drop_reason.
    if (name != "skb_drop_reason" && name.ends_with("drop_reason")) {
      AddReasons(object, id, kSubsystem);
    }
  }
}

void DropReasons::AddReasons(const btf* object, uint32_t enum_id, Part part) {
  const btf_type* type = btf__type_by_id(object, enum_id);
  for (uint16_t i = 0; i < btf_vlen(type); ++i) {
    const auto number = static_cast<uint32_t>(btf_enum(type)[i].val);
    const std::string_view name =
        PlainName(btf__name_by_offset(object, btf_enum(type)[i].name_off));
    // The numbers that a subsystem shares with the core, and those that are only marks.
    if ((number >> 16 == 0) != (part == kCore)) continue;
    if (part == kSubsystem && (number & 0xffff) == 0) continue;
    if (name == "MAX" || name.ends_with("_MAX")) continue;
    names_.emplace(number, name);
    const uint32_t index = drop_rule_index(number);
    if (index < DROP_RULES) rules_[index] = RuleOf(MeaningOfDropReason(name));
  }
}

std::array<drop_exception, DROP_EXCEPTIONS> DropReasons::Exceptions(
    const KernelSymbols& symbols) const {
  std::array<drop_exception, DROP_EXCEPTIONS> exceptions{};
  size_t count = 0;
  for (const DropException& row : kExceptions) {
    const std::optional<uint32_t> reason = Number(row.kernel_name);
    if (!reason || (!row.needs.empty() && !Has(row.needs)) ||
        (!row.unless.empty() && Has(row.unless)))
      continue;
    exceptions[count++] = {
        .code = row.function.empty() ? code_range{0, UINT64_MAX} : symbols.RangeOf(row.function),
        .kernel_reason = *reason,
        .rule = RuleOf(row.meaning)};
  }
  return exceptions;
}

bool DropReasons::Has(std::string_view name) const {
  return has_reasons() && Number(name).has_value();
}

std::optional<uint32_t> DropReasons::Number(std::string_view name) const {
  // Without reasons the program sees 0 for all.
  if (!has_reasons() && name == "NOT_SPECIFIED") return 0;
  const auto found = std::find_if(names_.begin(), names_.end(),
                                  [&](const auto& entry) { return entry.second == name; });
  return found == names_.end() ? std::nullopt : std::optional(found->first);
}

std::string_view DropReasons::Name(uint32_t number) const {
  const auto found = names_.find(number);
  if (found != names_.end()) return found->second;
  const auto subsystem = subsystems_.find(number >> 16);
  const bool is_core = number >> 16 == 0;
  return is_core || subsystem == subsystems_.end() ? std::string_view() : subsystem->second;
}

std::array<code_range, HOOK_RUNNERS> NetfilterHookRunners(const KernelSymbols& symbols) {
  return {symbols.RangeOf("nf_hook_slow"), symbols.RangeOf("nf_hook_slow_list")};
}

}  // namespace alidade
