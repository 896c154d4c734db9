// SPDX-License-Identifier: Apache-2.0
//
// Debug captures: a packet as some step of the datapath saw it (event-format sections 2.6 and 5).
#include "parser/event_view.h"
#include "parser/packet.h"
#include "parser/registry.h"

namespace alidade {
namespace {

// What the first argument means depends on the point.
void ReadArgument(const capture_notify& notify, FlowRecord* record) {
  switch (notify.header.subtype) {
    case CAPTURE_DELIVERY:
    case CAPTURE_FROM_LB:
    case CAPTURE_AFTER_V46:
    case CAPTURE_AFTER_V64:
    case CAPTURE_SNAT_PRE:
    case CAPTURE_SNAT_POST:
      record->interface_index = notify.arg1;
      break;
    case CAPTURE_PROXY_PRE:
    case CAPTURE_PROXY_POST:
      // A 16-bit port in network order. (Hubble swaps all 32 bits and shows the port times 65536.)
      record->proxy_port = __builtin_bswap16(static_cast<uint16_t>(notify.arg1));
      break;
    default:
      break;
  }
}

}  // namespace

DecodeError DecodeCapture(const RawEvent& event, FlowRecord* record) {
  CaptureView view;
  DecodeError error = ViewCapture(event, &view);
  if (error != DecodeError::kNone) return error;
  error = DecodePacket(view.packet, 0, event.origin, &record->packet, &record->tunnel);
  if (error != DecodeError::kNone) return error;

  record->type = flow::L3_L4;
  record->debug_capture_point = static_cast<flow::DebugCapturePoint>(view.notify.header.subtype);
  ReadArgument(view.notify, record);
  return DecodeError::kNone;
}

}  // namespace alidade
