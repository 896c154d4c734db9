// SPDX-License-Identifier: Apache-2.0
#include "parser/event_view.h"

#include <algorithm>

namespace alidade {
namespace {

using Bytes = std::span<const std::byte>;

// Bytes of the fixed part by layout version; a kind whose version says nothing has one entry.
struct Layout {
  std::span<const uint8_t> header_bytes;
  bool is_versioned;
};

constexpr uint8_t kTraceBytes[] = {32, 48, sizeof(trace_notify)};
constexpr uint8_t kDropBytes[] = {36, 36, 40, sizeof(drop_notify)};
constexpr uint8_t kPolicyVerdictBytes[] = {sizeof(policy_verdict_notify)};
constexpr uint8_t kCaptureBytes[] = {sizeof(capture_notify)};

static_assert(std::size(kTraceBytes) == TRACE_NOTIFY_VERSION + 1);
static_assert(std::size(kDropBytes) == DROP_NOTIFY_VERSION + 1);

template <typename T>
size_t CopyFrom(Bytes bytes, T* out) {
  static_assert(std::is_trivially_copyable_v<T>);
  const size_t size = std::min(bytes.size(), sizeof(T));
  std::memcpy(out, bytes.data(), size);
  return size;
}

// Finds how many bytes the fixed part of `event` has.
DecodeError MeasureHeader(Bytes bytes, const Layout& layout, size_t* header_bytes) {
  if (bytes.size() < layout.header_bytes.front()) return DecodeError::kHeaderTooShort;
  size_t version = 0;
  if (layout.is_versioned) {
    version = static_cast<uint8_t>(bytes[offsetof(notify_header, version)]);
    if (version >= layout.header_bytes.size()) return DecodeError::kUnknownVersion;
  }
  *header_bytes = layout.header_bytes[version];
  return bytes.size() < *header_bytes ? DecodeError::kHeaderTooShort : DecodeError::kNone;
}

// 0 when the kind has no extension of this version.
template <typename Extension>
size_t ExtensionBytes(uint8_t version) {
  if constexpr (std::is_same_v<Extension, TraceExtension>) {
    if (version == EXT_V2) return sizeof(TraceExtension);
    return version == EXT_V1 ? sizeof(trace_ext) : 0;
  }
  return version == EXT_V1 ? sizeof(Extension) : 0;
}

// Reads what our programs put between header and packet; `rest` is what follows the header and
// becomes the packet.
template <typename Notify, typename Extension>
DecodeError ReadOurs(EventView<Notify, Extension>* view, Bytes rest) {
  const notify_header& header = view->notify.header;
  if constexpr (std::is_same_v<Extension, NoExtension>) {
    if (header.ext_version != EXT_NONE) return DecodeError::kUnknownVersion;
  } else if (header.ext_version != EXT_NONE) {
    const size_t size = ExtensionBytes<Extension>(header.ext_version);
    if (size == 0) return DecodeError::kUnknownVersion;
    if (rest.size() < size) return DecodeError::kHeaderTooShort;
    CopyFrom(rest.first(size), &view->extension);
    rest = rest.subspan(size);
    view->has_extension = true;
  }
  view->packet = rest.first(std::min<size_t>(rest.size(), header.len_cap));
  return DecodeError::kNone;
}

template <typename Notify, typename Extension>
DecodeError View(const RawEvent& event, const Layout& layout, EventView<Notify, Extension>* view) {
  size_t header_bytes = 0;
  const DecodeError error = MeasureHeader(event.bytes, layout, &header_bytes);
  if (error != DecodeError::kNone) return error;
  CopyFrom(event.bytes.first(header_bytes), &view->notify);
  const Bytes rest = event.bytes.subspan(header_bytes);
  if (event.origin == Origin::kEbpf) return ReadOurs(view, rest);
  view->packet = rest;
  return DecodeError::kNone;
}

}  // namespace

DecodeError ViewTrace(const RawEvent& event, TraceView* view) {
  const DecodeError error = View(event, {kTraceBytes, true}, view);
  const size_t outer_bytes = view->extension.outer_bytes;
  view->packet = view->packet.subspan(std::min(view->packet.size(), outer_bytes));
  return error;
}

DecodeError ViewDrop(const RawEvent& event, DropView* view) {
  return View(event, {kDropBytes, true}, view);
}

DecodeError ViewPolicyVerdict(const RawEvent& event, PolicyVerdictView* view) {
  return View(event, {kPolicyVerdictBytes, false}, view);
}

DecodeError ViewCapture(const RawEvent& event, CaptureView* view) {
  return View(event, {kCaptureBytes, false}, view);
}

DecodeError ViewDebug(const RawEvent& event, debug_notify* notify) {
  if (event.bytes.size() < sizeof(*notify)) return DecodeError::kHeaderTooShort;
  CopyFrom(event.bytes, notify);
  return DecodeError::kNone;
}

DecodeError ViewSock(const RawEvent& event, SockView* view) {
  if (event.bytes.size() < sizeof(sock_notify)) return DecodeError::kHeaderTooShort;
  const Bytes rest = event.bytes.subspan(CopyFrom(event.bytes, &view->notify));
  if (event.origin != Origin::kEbpf || rest.size() < sizeof(sock_ext)) return DecodeError::kNone;

  CopyFrom(rest, &view->extension);
  if (view->extension.version == EXT_NONE) return DecodeError::kNone;
  if (view->extension.version != EXT_V1) return DecodeError::kUnknownVersion;
  view->has_extension = true;
  const Bytes comm = rest.subspan(offsetof(sock_ext, comm), sizeof(sock_ext::comm));
  const auto end = std::find(comm.begin(), comm.end(), std::byte{0});
  view->comm = comm.first(static_cast<size_t>(end - comm.begin()));
  return DecodeError::kNone;
}

}  // namespace alidade
