// SPDX-License-Identifier: Apache-2.0
#include "parser/flow_header.h"

namespace alidade {

FlowHeader MakeFlowHeader(const FlowRecord& record) {
  const PacketLayers& packet = record.packet;
  FlowHeader header;
  header.time_ns = record.time_ns;
  header.uuid = record.uuid;
  header.source_ip = packet.ip.source.bytes;
  header.destination_ip = packet.ip.destination.bytes;
  if (record.source != nullptr) {
    header.source_handle = record.source->handle;
    header.source_identity = record.source->info.identity;
  }
  if (record.destination != nullptr) {
    header.destination_handle = record.destination->handle;
    header.destination_identity = record.destination->info.identity;
  }
  header.drop_reason = record.drop_reason;
  header.interface_index = record.interface_index;
  header.source_port = packet.l4.source_port;
  header.destination_port = packet.l4.destination_port;
  header.tcp_flags = packet.l4.tcp_flags;
  header.kind = EventKind::kFlow;
  header.verdict = static_cast<uint8_t>(record.verdict);
  header.type = static_cast<uint8_t>(record.type);
  header.event_type = record.event_type;
  header.event_sub_type = record.event_sub_type;
  header.ip_version = static_cast<uint8_t>(packet.ip.version());
  header.l4_protocol = packet.l4.protocol;
  header.is_reply = record.is_reply;
  header.traffic_direction = static_cast<uint8_t>(record.traffic_direction);
  header.has_tcp_flags = packet.l4.has_tcp_flags;
  header.has_event_type = true;
  header.has_source = true;  // possibly empty, never absent (contract 6.1)
  header.has_destination = true;
  header.encrypted = packet.ip.encrypted;
  return header;
}

}  // namespace alidade
