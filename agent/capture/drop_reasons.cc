// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/drop_reasons.h"

#include <bpf/btf.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "agent/capture/system_error.h"

namespace alidade {
namespace {

struct NamedMeaning {
  std::string_view kernel_name;
  DropMeaning meaning;
};

constexpr DropMeaning kNotADrop{.is_drop = false};
constexpr DropMeaning Drop(flow::DropReason reason) { return {.reason = reason}; }
constexpr DropMeaning kInputDrop{.is_input = true};

// Sorted by name. Reasons that are not here are drops without a near Hubble reason: the kernel's
// own name says more than a wrong one would. Meanings: include/net/dropreason-core.h.
constexpr NamedMeaning kMeanings[] = {
    {"CONSUMED", kNotADrop},
    {"CPU_BACKLOG", kInputDrop},
    {"FQ_HORIZON_LIMIT", Drop(flow::REACHED_EDT_RATE_LIMITING_DROP_HORIZON)},
    {"HDR_TRUNC", Drop(flow::INVALID_PACKET_DROPPED)},
    {"ICMP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IPV6_BAD_EXTHDR", Drop(flow::INVALID_IPV6_EXTENSION_HEADER)},
    // Neighbour solicitations for somebody else reach every host on the link.
    {"IPV6_NDISC_NS_OTHERHOST", kNotADrop},
    {"IP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"IP_INNOROUTES", Drop(flow::FIB_LOOKUP_FAILED)},
    {"IP_INVALID_SOURCE", Drop(flow::INVALID_SOURCE_IP)},
    {"IP_LOCAL_SOURCE", Drop(flow::INVALID_SOURCE_IP)},
    {"IP_NOPROTO", Drop(flow::UNKNOWN_L4_PROTOCOL)},
    {"IP_OUTNOROUTES", Drop(flow::FIB_LOOKUP_FAILED)},
    {"IP_RPFILTER", Drop(flow::INVALID_SOURCE_IP)},
    {"NEIGH_CREATEFAIL", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    {"NEIGH_DEAD", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    {"NEIGH_FAILED", Drop(flow::UNKNOWN_L3_TARGET_ADDRESS)},
    // A rule or a chain's policy of the node's own firewall said so.
    {"NETFILTER_DROP", Drop(flow::POLICY_DENIED)},
    {"NOT_DROPPED_YET", kNotADrop},
    {"NO_SOCKET", Drop(flow::SOCKET_LOOKUP_FAILED)},
    // A frame for another host that a promiscuous interface took in.
    {"OTHERHOST", kNotADrop},
    // A copy for a packet socket such as tcpdump's; the packet itself goes on.
    {"PACKET_SOCK_ERROR", kNotADrop},
    {"PKT_TOO_SMALL", Drop(flow::INVALID_PACKET_DROPPED)},
    // What was still queued when its owner went away.
    {"QUEUE_PURGE", kNotADrop},
    {"SKB_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"SOCKET_CLOSE", kNotADrop},
    // Acknowledgements and merges that were used before the buffer was freed.
    {"TCP_OFOMERGE", kNotADrop},
    {"TCP_OLD_ACK", kNotADrop},
    // A segment that had arrived before: a sender on a busy node repeats one without need.
    {"TCP_OLD_DATA", kNotADrop},
    {"TCP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    // A valid RST: it did its work.
    {"TCP_RESET", kNotADrop},
    {"UDP_CSUM", Drop(flow::INVALID_PACKET_DROPPED)},
    {"UNHANDLED_PROTO", Drop(flow::UNSUPPORTED_L3_PROTOCOL)},
    {"UNIX_DISCONNECT", kNotADrop},
    {"UNIX_SKIP_OOB", kNotADrop},
    {"VXLAN_VNI_NOT_FOUND", Drop(flow::INVALID_VNI)},
    {"XDP", kInputDrop},
};

struct Exception {
  std::string_view function;
  std::string_view kernel_name;  // of the reason
  DropMeaning meaning;
};

constexpr Exception kExceptions[] = {
    // TCP's receive path, acknowledgements that it has used.
    {"tcp_rcv_state_process", "NOT_SPECIFIED", kNotADrop},
    {"tcp_rcv_established", "NOT_SPECIFIED", kNotADrop},
    {"tcp_v4_do_rcv", "NOT_SPECIFIED", kNotADrop},
    {"tcp_v6_do_rcv", "NOT_SPECIFIED", kNotADrop},
    // Multicast input, what nobody here has joined.
    {"ip6_mc_input", "NOT_SPECIFIED", kNotADrop},
    // The end of a socket, what was still queued for its owner.
    {"udp_destruct_common", "NOT_SPECIFIED", kNotADrop},
    {"udp_destruct_sock", "NOT_SPECIFIED", kNotADrop},
    {"udpv6_destruct_sock", "NOT_SPECIFIED", kNotADrop},
    {"inet_sock_destruct", "NOT_SPECIFIED", kNotADrop},
    {"skb_queue_purge", "NOT_SPECIFIED", kNotADrop},
    {"skb_queue_purge_reason", "NOT_SPECIFIED", kNotADrop},
    {"skb_rbtree_purge", "NOT_SPECIFIED", kNotADrop},
    // A hook's verdict, where the kernel gives it no reason of its own.
    {"nf_hook_slow", "NOT_SPECIFIED", Drop(flow::POLICY_DENIED)},
    // A header error, which forwarding finds only in the time to live.
    {"ip_forward", "IP_INHDR", Drop(flow::TTL_EXCEEDED)},
    {"ip6_forward", "IP_INHDR", Drop(flow::TTL_EXCEEDED)},
};
static_assert(std::size(kExceptions) <= DROP_EXCEPTIONS);

constexpr drop_rule RuleOf(const DropMeaning& meaning) {
  return {.ignore = static_cast<uint8_t>(!meaning.is_drop),
          .reason = static_cast<uint8_t>(meaning.reason),
          .is_input = static_cast<uint8_t>(meaning.is_input),
          .pad = 0};
}

struct BtfDeleter {
  void operator()(btf* loaded) const { btf__free(loaded); }
};

std::string_view WithoutPrefix(std::string_view name) {
  for (std::string_view prefix : {"SKB_DROP_REASON_", "SKB_"}) {
    if (name.substr(0, prefix.size()) == prefix) return name.substr(prefix.size());
  }
  return name;
}

}  // namespace

DropMeaning MeaningOfDropReason(std::string_view kernel_name) {
  const auto* found =
      std::find_if(std::begin(kMeanings), std::end(kMeanings),
                   [&](const NamedMeaning& row) { return row.kernel_name == kernel_name; });
  return found == std::end(kMeanings) ? DropMeaning{} : found->meaning;
}

absl::StatusOr<DropReasons> DropReasons::FromKernel() {
  std::unique_ptr<btf, BtfDeleter> kernel(btf__load_vmlinux_btf());
  if (kernel == nullptr) {
    return SystemError(errno, "read the kernel's BTF (the kernel must have CONFIG_DEBUG_INFO_BTF)");
  }
  const int id = btf__find_by_name_kind(kernel.get(), "skb_drop_reason", BTF_KIND_ENUM);
  DropReasons reasons;
  if (id < 0) return reasons;
  const btf_type* type = btf__type_by_id(kernel.get(), static_cast<uint32_t>(id));
  const struct btf_enum* values = btf_enum(type);
  for (uint16_t i = 0; i < btf_vlen(type); ++i) {
    const auto number = static_cast<uint32_t>(values[i].val);
    const std::string_view name =
        WithoutPrefix(btf__name_by_offset(kernel.get(), values[i].name_off));
    if (name == "MAX" || name == "SUBSYS_MASK") continue;
    reasons.names_.emplace(number, name);
    if (number >= DROP_RULES) continue;
    reasons.rules_[number] = RuleOf(MeaningOfDropReason(name));
  }
  return reasons;
}

std::array<drop_exception, DROP_EXCEPTIONS> DropReasons::Exceptions(
    const KernelSymbols& symbols) const {
  std::array<drop_exception, DROP_EXCEPTIONS> exceptions{};
  size_t count = 0;
  for (const Exception& row : kExceptions) {
    const std::optional<uint32_t> reason = Number(row.kernel_name);
    if (!reason) continue;
    exceptions[count++] = {.code = symbols.RangeOf(row.function),
                           .kernel_reason = *reason,
                           .rule = RuleOf(row.meaning)};
  }
  return exceptions;
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
  return found == names_.end() ? std::string_view() : found->second;
}

}  // namespace alidade
