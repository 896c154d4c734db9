// SPDX-License-Identifier: Apache-2.0
//
// Drop notifications: a packet was thrown away (event-format sections 2.2 and 5).
#include "parser/event_view.h"
#include "parser/packet.h"
#include "parser/registry.h"

namespace alidade {
namespace {

// Only our drops show their interface: the ifindex of Cilium's never reaches a flow.
void ReadOurs(const DropView& view, FlowRecord* record) {
  if (view.notify.header.subtype == UNMAPPED_DROP) record->drop_reason = flow::DROP_REASON_UNKNOWN;
  record->derive_direction = true;
  record->interface_index = view.notify.ifindex;
  record->extension.tunnel_protocol = record->tunnel.unnumbered;
  if (!view.has_extension) return;
  record->extension.location = view.extension.location;
  record->extension.kernel_reason = view.extension.kernel_reason;
  record->extension.hook_caller = view.extension.hook_caller;
  record->extension.netns = view.extension.netns;
  record->drop_path = view.extension.path;
  record->socket_cookie = view.extension.sock_cookie;
}

void ReadCiliums(const DropView& view, FlowRecord* record) {
  record->has_file = true;
  record->file_id = view.notify.file;
  record->file_line = view.notify.line;
}

}  // namespace

DecodeError DecodeDrop(const RawEvent& event, FlowRecord* record) {
  DropView view;
  DecodeError error = ViewDrop(event, &view);
  if (error != DecodeError::kNone) return error;
  const drop_notify& notify = view.notify;
  error = DecodePacket(view.packet, notify.flags, event.origin, &record->packet, &record->tunnel);
  if (error != DecodeError::kNone) return error;

  record->type = flow::L3_L4;
  record->verdict = flow::DROPPED;
  record->drop_reason = notify.header.subtype;
  record->ip_trace_id = notify.ip_trace_id;
  record->emitter_endpoint = notify.header.source;
  record->source_label = notify.src_label;
  record->destination_label = notify.dst_label;
  if (event.origin == Origin::kEbpf) {
    ReadOurs(view, record);
  } else {
    ReadCiliums(view, record);
  }
  return DecodeError::kNone;
}

}  // namespace alidade
