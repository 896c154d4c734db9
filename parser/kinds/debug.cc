// SPDX-License-Identifier: Apache-2.0
//
// Debug messages (event-format sections 2.5 and 6.2).
#include "parser/debug_record.h"
#include "parser/event_view.h"

namespace alidade {

DecodeError DecodeDebug(const RawEvent& event, DebugRecord* record) {
  debug_notify notify{};
  const DecodeError error = ViewDebug(event, &notify);
  if (error != DecodeError::kNone) return error;
  *record = {};
  record->time_ns = event.time_ns;
  record->type = notify.subtype;
  record->endpoint_id = notify.source;
  record->hash = notify.hash;
  record->arg1 = notify.arg1;
  record->arg2 = notify.arg2;
  record->arg3 = notify.arg3;
  record->cpu = event.cpu;
  return DecodeError::kNone;
}

void EnrichDebug(const EndpointResolver& resolver, DebugRecord* record) {
  record->endpoint = resolver.EndpointById(record->endpoint_id);
  record->interface_name = {};
  if (record->type == flow::DBG_LXC_FOUND) {
    record->interface_name = resolver.InterfaceName(0, record->arg1);
  }
}

}  // namespace alidade
