// SPDX-License-Identifier: Apache-2.0
//
// The plain struct between decoding and encoding: what one event says, before it is put into the
// words of the Hubble API. No heap, no ownership: text and endpoints are views into tables that
// outlive the event (the resolver's snapshot, static name tables).
#ifndef ALIDADE_PARSER_FLOW_RECORD_H_
#define ALIDADE_PARSER_FLOW_RECORD_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "flow/flow.pb.h"
#include "parser/endpoint.h"
#include "parser/ip_address.h"
#include "parser/process.h"

namespace alidade {

// Numbers are the member numbers of flow.Layer4.
enum class L4Protocol : uint8_t {
  kNone = 0,
  kTcp = 1,
  kUdp = 2,
  kIcmpV4 = 3,
  kIcmpV6 = 4,
  kSctp = 5,
  kVrrp = 6,
  kIgmp = 7,
};

// TCP flags as one number: bits 0-7 are byte 13 of the header, bit 8 is NS (RFC 9293 section 3.1,
// RFC 3540).
enum TcpFlag : uint16_t {
  kTcpFin = 1 << 0,
  kTcpSyn = 1 << 1,
  kTcpRst = 1 << 2,
  kTcpPsh = 1 << 3,
  kTcpAck = 1 << 4,
  kTcpUrg = 1 << 5,
  kTcpEce = 1 << 6,
  kTcpCwr = 1 << 7,
  kTcpNs = 1 << 8,
};

// A yes or no that may be missing (google.protobuf.BoolValue).
enum class Maybe : uint8_t { kAbsent = 0, kFalse = 1, kTrue = 2 };

using MacAddress = std::array<uint8_t, 6>;

struct IpLayer {
  IpAddress source;  // version kNone: the packet has no IP layer
  IpAddress destination;
  IpAddress source_xlated;  // the address on the wire when `source` is the one before translation
  bool encrypted = false;
  IpVersion version() const { return version_; }
  // Kept apart from the addresses: a sock event has a version even when an address is unknown.
  IpVersion version_ = IpVersion::kNone;
};

struct L4Layer {
  L4Protocol protocol = L4Protocol::kNone;
  bool has_tcp_flags = false;
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint16_t tcp_flags = 0;  // TcpFlag
  uint8_t type = 0;        // ICMP, ICMPv6, IGMP, VRRP
  uint8_t code = 0;        // ICMP, ICMPv6
  uint8_t vrid = 0;        // VRRP
  uint8_t priority = 0;    // VRRP
  IpAddress group;         // IGMP
};

// The layer that Flow.Summary speaks of: the last one that was decoded.
enum class LastLayer : uint8_t {
  kNone,
  kEthernet,
  kArp,  // our own programs' events only
  kIpV4,
  kIpV6,
  kL4,     // PacketLayers.l4 tells which
  kVxlan,  // nested overlay header without a payload
  kGeneve,
  kSockUnknown,  // a sock event that is neither TCP nor UDP
};

struct PacketLayers {
  bool has_ethernet = false;
  MacAddress source_mac{};
  MacAddress destination_mac{};
  IpLayer ip;
  L4Layer l4;
  LastLayer last = LastLayer::kNone;
};

// The outer headers of an encapsulated packet.
struct TunnelLayer {
  flow::Tunnel_Protocol protocol = flow::Tunnel_Protocol_UNKNOWN;
  IpLayer ip;
  L4Layer l4;
  uint32_t vni = 0;
  // Of a tunnel whose protocol the API has no number for, in our own programs' events only: GRE,
  // 4in4, 6in4, 4in6, 6in6. Static.
  std::string_view unnumbered;

  // False: there is none.
  bool present() const { return protocol != flow::Tunnel_Protocol_UNKNOWN || !unnumbered.empty(); }
};

// What our own programs add to Cilium's layouts (bpf/events.h), written into Flow.extensions.
// Zero or empty means nothing to say.
struct FlowExtension {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t reverse_packets = 0;
  uint64_t reverse_bytes = 0;
  bool counts_only = false;  // no packet was seen: the connection is silent, and had this to tell
  // The packet's addresses on the other side of the kernel's translation; ports in host order. Each
  // is invalid or 0 when it is the same on both sides.
  IpAddress nat_source;
  IpAddress nat_destination;
  uint16_t nat_source_port = 0;
  uint16_t nat_destination_port = 0;
  bool nat_is_ahead = false;  // the packet was seen before it was translated
  uint32_t kernel_reason = 0;
  std::string_view kernel_reason_name;  // enriched
  uint64_t location = 0;                // kernel address that dropped
  std::string_view function;            // enriched: the function that location lies in
  uint64_t hook_caller = 0;             // kernel address that called netfilter's hook
  std::string_view netfilter_hook;      // enriched: which hook that is
  // The process that owns the socket. A sock event brings pid and comm itself, which then stands
  // before the name in `process`; the rest is found by the socket's cookie.
  uint32_t pid = 0;
  std::string_view comm;
  const EncodedProcess* process = nullptr;
  uint32_t netns = 0;
  uint16_t vlan = 0;                 // id of the outermost tag
  std::string_view tunnel_protocol;  // TunnelLayer.unnumbered
};

struct L7Layer;  // parser/l7/l7_layer.h

struct FlowRecord {
  int64_t time_ns = 0;  // since the Unix epoch
  std::array<uint8_t, 16> uuid{};

  // --- written by decoding ---
  flow::FlowType type = flow::UNKNOWN_TYPE;
  flow::Verdict verdict = flow::VERDICT_UNKNOWN;
  uint8_t event_type = 0;  // enum notify_type
  uint8_t event_sub_type = 0;
  uint32_t drop_reason = 0;  // flow.DropReason, also numbers without a name
  // Where in Cilium's source the drop is; our programs tell it by extension.location.
  bool has_file = false;
  uint8_t file_id = 0;
  uint16_t file_line = 0;
  flow::TraceObservationPoint observation_point = flow::UNKNOWN_POINT;
  flow::TraceReason trace_reason = flow::TRACE_REASON_UNKNOWN;
  bool trace_reason_known = false;
  Maybe is_reply = Maybe::kAbsent;
  uint32_t interface_index = 0;  // 0: not exported
  uint32_t proxy_port = 0;
  uint64_t ip_trace_id = 0;
  uint32_t policy_match_type = 0;  // policy verdicts only, like auth_type
  flow::AuthType auth_type = flow::DISABLED;
  flow::DebugCapturePoint debug_capture_point = flow::DBG_CAPTURE_POINT_UNKNOWN;
  flow::SocketTranslationPoint sock_xlate_point = flow::SOCK_XLATE_POINT_UNKNOWN;
  bool swap_endpoints = false;  // sock events of the reverse points
  uint64_t socket_cookie = 0;
  uint64_t cgroup_id = 0;
  PacketLayers packet;
  TunnelLayer tunnel;
  const L7Layer* l7 = nullptr;  // L7 records only
  FlowExtension extension;

  // What enrichment needs of the event and the flow does not show.
  uint16_t emitter_endpoint = 0;     // notify_header.source
  bool has_original_source = false;  // the event carries the source before translation
  bool derive_direction = false;     // our programs name no emitter: interface and addresses decide
  bool is_egress_hook = false;       // traces of ours: seen on the way out of interface_index
  uint8_t drop_path = 0;             // drops of ours: enum drop_path
  flow::TrafficDirection stated_direction = flow::TRAFFIC_DIRECTION_UNKNOWN;  // policy verdicts
  uint32_t source_label = 0;  // datapath identities, 0: look it up
  uint32_t destination_label = 0;

  // --- written by enrichment ---
  flow::TrafficDirection traffic_direction = flow::TRAFFIC_DIRECTION_UNKNOWN;
  const Endpoint* source = nullptr;  // null: the flow gets an empty message
  const Endpoint* destination = nullptr;
  std::string_view interface_name;
  std::span<const std::string> source_names;  // DNS
  std::span<const std::string> destination_names;
  const Service* source_service = nullptr;
  const Service* destination_service = nullptr;
  const PolicyRules* policy = nullptr;  // policy verdicts that allowed, or denied by a rule
  uint32_t ip_option_type = 0;          // the IP option that ip_trace_id was read from
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_FLOW_RECORD_H_
