// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/flow_header_of.h"

#include <limits>

namespace alidade {
namespace {

// `value` as it fits the header, else zero.
template <typename Field, typename Value>
void SetIfFits(Value value, Field* field) {
  auto number = static_cast<int64_t>(value);
  if (number >= 0 && number <= int64_t{std::numeric_limits<Field>::max()}) {
    *field = static_cast<Field>(number);
  }
}

template <typename Ports>
void SetPorts(const Ports& ports, FlowHeader* header) {
  SetIfFits(ports.source_port(), &header->source_port);
  SetIfFits(ports.destination_port(), &header->destination_port);
}

uint16_t FlagBits(const flow::TCPFlags& flags) {
  return static_cast<uint16_t>(
      (flags.fin() ? kTcpFin : 0) | (flags.syn() ? kTcpSyn : 0) | (flags.rst() ? kTcpRst : 0) |
      (flags.psh() ? kTcpPsh : 0) | (flags.ack() ? kTcpAck : 0) | (flags.urg() ? kTcpUrg : 0) |
      (flags.ece() ? kTcpEce : 0) | (flags.cwr() ? kTcpCwr : 0) | (flags.ns() ? kTcpNs : 0));
}

void SetL4(const flow::Layer4& l4, FlowHeader* header) {
  header->l4_protocol = static_cast<L4Protocol>(l4.protocol_case());  // the same numbers
  if (l4.has_tcp()) SetPorts(l4.tcp(), header);
  if (l4.has_udp()) SetPorts(l4.udp(), header);
  if (l4.has_sctp()) SetPorts(l4.sctp(), header);
  header->has_tcp_flags = l4.tcp().has_flags();
  header->tcp_flags = FlagBits(l4.tcp().flags());
}

}  // namespace

FlowHeader FlowHeaderOf(const flow::Flow& flow) {
  FlowHeader header;
  header.kind = EventKind::kFlow;
  header.has_source = flow.has_source();
  header.has_destination = flow.has_destination();
  header.source_identity = flow.source().identity();
  header.destination_identity = flow.destination().identity();
  header.interface_index = flow.interface().index();
  header.encrypted = flow.ip().encrypted();
  header.has_event_type = flow.has_event_type();
  SetIfFits(flow.drop_reason_desc(), &header.drop_reason);
  SetIfFits(flow.verdict(), &header.verdict);
  SetIfFits(flow.type(), &header.type);
  SetIfFits(flow.event_type().type(), &header.event_type);
  SetIfFits(flow.event_type().sub_type(), &header.event_sub_type);
  SetIfFits(flow.ip().ipversion(), &header.ip_version);
  SetIfFits(flow.traffic_direction(), &header.traffic_direction);
  if (flow.has_is_reply()) {
    header.is_reply = flow.is_reply().value() ? Maybe::kTrue : Maybe::kFalse;
  }
  SetL4(flow.l4(), &header);
  return header;
}

}  // namespace alidade
