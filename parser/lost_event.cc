// SPDX-License-Identifier: Apache-2.0
#include "parser/lost_event.h"

namespace alidade {
namespace {

void Set(const UnixTime& time, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(time.seconds);
  timestamp->set_nanos(time.nanos);
}

flow::LostEventSource SourceOf(int64_t number) {
  switch (number) {
    case flow::PERF_EVENT_RING_BUFFER:
    case flow::OBSERVER_EVENTS_QUEUE:
    case flow::HUBBLE_RING_BUFFER:
      return static_cast<flow::LostEventSource>(number);
    default:
      return flow::UNKNOWN_LOST_EVENT_SOURCE;
  }
}

}  // namespace

flow::LostEvent ToLostEvent(const LostRecord& record) {
  flow::LostEvent event;
  event.set_source(SourceOf(record.source));
  event.set_num_events_lost(record.count);
  event.mutable_cpu()->set_value(record.cpu);
  if (record.first) Set(*record.first, event.mutable_first());
  if (record.last) Set(*record.last, event.mutable_last());
  return event;
}

}  // namespace alidade
