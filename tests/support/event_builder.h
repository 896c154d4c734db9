// SPDX-License-Identifier: Apache-2.0
//
// Perf samples put together from the structs of bpf/events.h.
#ifndef ALIDADE_TESTS_SUPPORT_EVENT_BUILDER_H_
#define ALIDADE_TESTS_SUPPORT_EVENT_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bpf/events.h"
#include "parser/raw_event.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {

template <typename T>
void AppendBytes(const T& value, ByteVector* bytes) {
  const auto* begin = reinterpret_cast<const std::byte*>(&value);
  bytes->insert(bytes->end(), begin, begin + sizeof(T));
}

// The structs one behind the other, then the packet.
template <typename... Parts>
ByteVector Concat(const ByteVector& packet, const Parts&... parts) {
  ByteVector bytes;
  (AppendBytes(parts, &bytes), ...);
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  return bytes;
}

// A trace as our programs write it: version 2, with an extension.
inline trace_notify OurTrace(const ByteVector& packet) {
  trace_notify notify{};
  notify.header.type = NOTIFY_TRACE;
  notify.header.subtype = TRACE_TO_STACK;
  notify.header.len_orig = static_cast<uint32_t>(packet.size());
  notify.header.len_cap = static_cast<uint16_t>(packet.size());
  notify.header.version = TRACE_NOTIFY_VERSION;
  notify.header.ext_version = EXT_V1;
  return notify;
}

inline drop_notify OurDrop(const ByteVector& packet) {
  drop_notify notify{};
  notify.header.type = NOTIFY_DROP;
  notify.header.len_orig = static_cast<uint32_t>(packet.size());
  notify.header.len_cap = static_cast<uint16_t>(packet.size());
  notify.header.version = DROP_NOTIFY_VERSION;
  notify.header.ext_version = EXT_V1;
  return notify;
}

inline sock_notify OurSock(uint8_t point, uint8_t l4_proto) {
  sock_notify notify{};
  notify.type = NOTIFY_TRACE_SOCK;
  notify.xlate_point = point;
  notify.l4_proto = l4_proto;
  return notify;
}

inline RawEvent EbpfEvent(const ByteVector& bytes) {
  return {.bytes = bytes, .time_ns = 1'700'000'000'123'456'789, .origin = Origin::kEbpf};
}

inline RawEvent CiliumEvent(const ByteVector& bytes) {
  return {.bytes = bytes, .time_ns = 1'700'000'000'123'456'789, .origin = Origin::kCilium};
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_SUPPORT_EVENT_BUILDER_H_
