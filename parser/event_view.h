// SPDX-License-Identifier: Apache-2.0
//
// The bytes of one perf sample, checked and cut into fixed part, extension and packet.
#ifndef ALIDADE_PARSER_EVENT_VIEW_H_
#define ALIDADE_PARSER_EVENT_VIEW_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "bpf/events.h"
#include "parser/parser.h"
#include "parser/raw_event.h"

namespace alidade {

// A notification kind without an extension of ours.
struct NoExtension {};

// One event of a kind that carries a packet. The structs are copies: perf samples promise no
// alignment. Fields that the event's version does not have are zero.
template <typename Notify, typename Extension>
struct EventView {
  Notify notify{};
  Extension extension{};
  bool has_extension = false;
  std::span<const std::byte> packet;  // borrowed from the event
};

// Both extensions of a trace: EXT_V1 has the first only.
struct TraceExtension : trace_ext {
  nat_ext nat;
};
static_assert(sizeof(TraceExtension) == sizeof(trace_ext) + sizeof(nat_ext));

using TraceView = EventView<trace_notify, TraceExtension>;
using DropView = EventView<drop_notify, drop_ext>;
using PolicyVerdictView = EventView<policy_verdict_notify, NoExtension>;
using CaptureView = EventView<capture_notify, NoExtension>;

// A sock event: it has no common header and no packet; its extension stands behind byte 40.
struct SockView {
  sock_notify notify{};
  sock_ext extension{};
  bool has_extension = false;
  std::span<const std::byte> comm;  // borrowed from the event; up to the first NUL
};

// Each checks `event`, which may be any bytes whose first is the kind, and fills `view`, which is
// in its initial state. With Origin::kCilium an extension version adds no bytes and the packet is
// all that follows, padding included; with Origin::kEbpf header.len_cap trims it, and outer headers
// that the extension tells of are cut off.
// Errors: kHeaderTooShort, kUnknownVersion (of the layout, or of our extension).
// Source: event-format section 2.
DecodeError ViewTrace(const RawEvent& event, TraceView* view);
DecodeError ViewDrop(const RawEvent& event, DropView* view);
DecodeError ViewPolicyVerdict(const RawEvent& event, PolicyVerdictView* view);
DecodeError ViewCapture(const RawEvent& event, CaptureView* view);
DecodeError ViewDebug(const RawEvent& event, debug_notify* notify);
DecodeError ViewSock(const RawEvent& event, SockView* view);

}  // namespace alidade

#endif  // ALIDADE_PARSER_EVENT_VIEW_H_
