// SPDX-License-Identifier: Apache-2.0
//
// Trace notifications: a packet was seen on its way (event-format sections 2.3 and 5).
#include <arpa/inet.h>

#include "parser/event_view.h"
#include "parser/packet.h"
#include "parser/registry.h"

namespace alidade {
namespace {

// Hubble's number for to-endpoint, which is 0 on the wire, differs from the point's; all others
// agree.
flow::TraceObservationPoint ObservationPoint(uint8_t point) {
  if (point == TRACE_TO_ENDPOINT) return flow::TO_ENDPOINT;
  return static_cast<flow::TraceObservationPoint>(point);
}

// Hubble numbers the states of a connection from 1, with 0 for the wire's "unknown".
flow::TraceReason Reason(uint8_t reason) {
  if (reason == TRACE_REASON_UNKNOWN) return flow::TRACE_REASON_UNKNOWN;
  return static_cast<flow::TraceReason>(reason < TRACE_REASON_UNKNOWN ? reason + 1 : reason);
}

Maybe IsReply(uint8_t reason) {
  if (reason == TRACE_REASON_UNKNOWN || reason == TRACE_REASON_SRV6_ENCAP ||
      reason == TRACE_REASON_SRV6_DECAP) {
    return Maybe::kAbsent;
  }
  return reason == TRACE_REASON_REPLY ? Maybe::kTrue : Maybe::kFalse;
}

// The source before translation becomes the source of the flow; the one on the wire is kept beside
// it where the two differ.
void ApplyOriginalSource(const trace_notify& notify, FlowRecord* record) {
  const IpAddress original = (notify.flags & NOTIFY_FLAG_IPV6) != 0 ? IpAddress::V6(notify.orig_ip)
                                                                    : IpAddress::V4(notify.orig_ip);
  if (original.Unmapped().is_unspecified()) return;
  record->has_original_source = true;
  IpLayer& ip = record->packet.ip;
  if (ip.version() == IpVersion::kNone) return;
  if (!(original.Unmapped() == ip.source.Unmapped())) ip.source_xlated = ip.source;
  ip.source = original;
}

void ReadExtension(const TraceView& view, FlowRecord* record) {
  record->extension.packets = view.extension.packets;
  record->extension.bytes = view.extension.bytes;
  record->extension.reverse_packets = view.extension.reverse_packets;
  record->extension.reverse_bytes = view.extension.reverse_bytes;
  record->extension.netns = view.extension.netns;
  record->extension.vlan = view.extension.vlan;
  record->is_egress_hook = (view.extension.flags & TRACE_EXT_EGRESS) != 0;
  record->extension.counts_only = (view.extension.flags & TRACE_EXT_COUNTS_ONLY) != 0;
  // The headers were made up: there was no segment that had flags.
  if (record->extension.counts_only) record->packet.l4.has_tcp_flags = false;
  record->socket_cookie = view.extension.sock_cookie;
}

// What the kernel's address translation makes, or has made, of the packet. What differs is kept.
void ReadTranslation(const TraceView& view, FlowRecord* record) {
  const nat_ext& nat = view.extension.nat;
  if (nat.side == 0) return;
  FlowExtension& extension = record->extension;
  const bool v6 = (view.notify.flags & NOTIFY_FLAG_IPV6) != 0;
  const IpAddress source = v6 ? IpAddress::V6(nat.source) : IpAddress::V4(nat.source);
  const IpAddress destination =
      v6 ? IpAddress::V6(nat.destination) : IpAddress::V4(nat.destination);
  const IpLayer& ip = record->packet.ip;
  const L4Layer& l4 = record->packet.l4;
  const uint16_t source_port = ntohs(nat.source_port);
  const uint16_t destination_port = ntohs(nat.destination_port);
  if (!(source == ip.source) || source_port != l4.source_port) {
    extension.nat_source = source;
    extension.nat_source_port = source_port;
  }
  if (!(destination == ip.destination) || destination_port != l4.destination_port) {
    extension.nat_destination = destination;
    extension.nat_destination_port = destination_port;
  }
  extension.nat_is_ahead = nat.side == NAT_SIDE_BEFORE;
}

}  // namespace

DecodeError DecodeTrace(const RawEvent& event, FlowRecord* record) {
  TraceView view;
  DecodeError error = ViewTrace(event, &view);
  if (error != DecodeError::kNone) return error;
  const trace_notify& notify = view.notify;
  error = DecodePacket(view.packet, notify.flags, event.origin, &record->packet, &record->tunnel);
  if (error != DecodeError::kNone) return error;

  uint8_t reason = notify.reason & static_cast<uint8_t>(~TRACE_REASON_ENCRYPTED);
  // Our programs follow what the interface carries: the connection between the tunnel's ends says
  // nothing of the one inside.
  if (event.origin == Origin::kEbpf && record->tunnel.present()) reason = TRACE_REASON_UNKNOWN;
  record->type = flow::L3_L4;
  record->verdict = flow::FORWARDED;
  record->observation_point = ObservationPoint(notify.header.subtype);
  record->trace_reason = Reason(reason);
  record->trace_reason_known = reason != TRACE_REASON_UNKNOWN;
  record->is_reply = IsReply(reason);
  record->interface_index = notify.ifindex;
  if (notify.header.subtype == TRACE_TO_PROXY) record->proxy_port = notify.dst_id;
  record->ip_trace_id = notify.ip_trace_id;
  record->emitter_endpoint = notify.header.source;
  record->derive_direction = event.origin == Origin::kEbpf;
  record->source_label = notify.src_label;
  record->destination_label = notify.dst_label;
  if (record->packet.ip.version() != IpVersion::kNone) {
    record->packet.ip.encrypted = (notify.reason & TRACE_REASON_ENCRYPTED) != 0;
  }
  if (view.has_extension) {
    ReadExtension(view, record);
    ReadTranslation(view, record);
  }
  ApplyOriginalSource(notify, record);
  record->extension.tunnel_protocol = record->tunnel.unnumbered;
  return DecodeError::kNone;
}

}  // namespace alidade
