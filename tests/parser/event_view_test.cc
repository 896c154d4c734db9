// SPDX-License-Identifier: Apache-2.0
#include "parser/event_view.h"

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>

#include "tests/support/event_builder.h"

namespace alidade::testing {
namespace {

// An event whose byte 0 is `type` and whose layout version is `version`; the bytes from 16 on count
// up, so that a field shows where it was read.
ByteVector Numbered(uint8_t type, uint8_t version, size_t size) {
  ByteVector bytes(size);
  for (size_t i = 16; i < size; ++i) bytes[i] = static_cast<std::byte>(i);
  if (size > 0) bytes[0] = std::byte{type};
  if (size > 14) bytes[14] = std::byte{version};
  return bytes;
}

DecodeError TraceError(uint8_t version, size_t size) {
  const ByteVector bytes = Numbered(NOTIFY_TRACE, version, size);
  TraceView view;
  return ViewTrace(CiliumEvent(bytes), &view);
}

DecodeError DropError(uint8_t version, size_t size) {
  const ByteVector bytes = Numbered(NOTIFY_DROP, version, size);
  DropView view;
  return ViewDrop(CiliumEvent(bytes), &view);
}

TEST_CASE("a trace has 32, 48 or 56 header bytes by version", "[parser]") {
  CHECK(TraceError(0, 31) == DecodeError::kHeaderTooShort);
  CHECK(TraceError(0, 32) == DecodeError::kNone);
  CHECK(TraceError(1, 47) == DecodeError::kHeaderTooShort);
  CHECK(TraceError(1, 48) == DecodeError::kNone);
  CHECK(TraceError(2, 55) == DecodeError::kHeaderTooShort);
  CHECK(TraceError(2, 56) == DecodeError::kNone);
  CHECK(TraceError(3, 200) == DecodeError::kUnknownVersion);
  CHECK(TraceError(3, 31) == DecodeError::kHeaderTooShort);
  CHECK(TraceError(0, 1) == DecodeError::kHeaderTooShort);
}

TEST_CASE("a drop has 36, 40 or 48 header bytes by version", "[parser]") {
  CHECK(DropError(0, 35) == DecodeError::kHeaderTooShort);
  CHECK(DropError(0, 36) == DecodeError::kNone);
  CHECK(DropError(1, 36) == DecodeError::kNone);
  CHECK(DropError(2, 39) == DecodeError::kHeaderTooShort);
  CHECK(DropError(2, 40) == DecodeError::kNone);
  CHECK(DropError(3, 47) == DecodeError::kHeaderTooShort);
  CHECK(DropError(3, 48) == DecodeError::kNone);
  CHECK(DropError(4, 200) == DecodeError::kUnknownVersion);
}

TEST_CASE("fields younger than the event's version are zero", "[parser]") {
  const ByteVector bytes = Numbered(NOTIFY_DROP, 1, 48);
  DropView view;
  REQUIRE(ViewDrop(CiliumEvent(bytes), &view) == DecodeError::kNone);
  CHECK(view.notify.src_label == 0x13121110);
  CHECK(view.notify.ifindex == 0x23222120);
  CHECK(view.notify.flags == 0);
  CHECK(view.notify.ip_trace_id == 0);
  CHECK(view.packet.size() == 12);

  const ByteVector trace_bytes = Numbered(NOTIFY_TRACE, 0, 60);
  TraceView trace;
  REQUIRE(ViewTrace(CiliumEvent(trace_bytes), &trace) == DecodeError::kNone);
  CHECK(trace.notify.flags == 27);
  CHECK(trace.notify.orig_ip[0] == 0);
  CHECK(trace.packet.size() == 28);
}

TEST_CASE("policy verdicts and captures are read whatever their version says", "[parser]") {
  const ByteVector verdict = Numbered(NOTIFY_POLICY_VERDICT, 77, 45);
  PolicyVerdictView verdict_view;
  CHECK(ViewPolicyVerdict(CiliumEvent(verdict), &verdict_view) == DecodeError::kNone);
  CHECK(verdict_view.notify.bits == 27);
  CHECK(verdict_view.packet.size() == 5);
  const ByteVector capture = Numbered(NOTIFY_CAPTURE, 77, 24);
  CaptureView capture_view;
  CHECK(ViewCapture(CiliumEvent(capture), &capture_view) == DecodeError::kNone);
  CHECK(capture_view.packet.empty());
  CHECK(ViewPolicyVerdict(CiliumEvent(capture), &verdict_view) == DecodeError::kHeaderTooShort);
  CHECK(ViewCapture(CiliumEvent(Numbered(NOTIFY_CAPTURE, 0, 23)), &capture_view) ==
        DecodeError::kHeaderTooShort);
}

TEST_CASE("our extension stands between header and packet", "[parser]") {
  const ByteVector packet(60);
  trace_ext extension{};
  extension.packets = 5;
  extension.netns = 7;
  const ByteVector bytes = Concat(packet, OurTrace(packet), extension);
  TraceView view;
  REQUIRE(ViewTrace(EbpfEvent(bytes), &view) == DecodeError::kNone);
  CHECK(view.has_extension);
  CHECK(view.extension.packets == 5);
  CHECK(view.extension.netns == 7);
  CHECK(view.packet.size() == 60);
}

TEST_CASE("outer headers that stand before a packet are cut off", "[parser]") {
  const ByteVector packet = Numbered(NOTIFY_TRACE, 0, 60);
  trace_ext extension{};
  for (const uint8_t outer : std::to_array<uint8_t>({0, 24, 60, 255})) {
    extension.outer_bytes = outer;
    const ByteVector bytes = Concat(packet, OurTrace(packet), extension);
    TraceView view;
    REQUIRE(ViewTrace(EbpfEvent(bytes), &view) == DecodeError::kNone);
    const size_t left = 60 - std::min<size_t>(outer, 60);
    CHECK(view.packet.size() == left);
    CHECK(
        std::equal(packet.end() - static_cast<ptrdiff_t>(left), packet.end(), view.packet.begin()));
  }
}

TEST_CASE("an unknown extension is an error of ours and nothing to Cilium", "[parser]") {
  ByteVector bytes = Numbered(NOTIFY_TRACE, 2, 100);
  bytes[12] = std::byte{44};
  bytes[15] = std::byte{9};
  TraceView view;
  CHECK(ViewTrace(EbpfEvent(bytes), &view) == DecodeError::kUnknownVersion);
  view = {};
  CHECK(ViewTrace(CiliumEvent(bytes), &view) == DecodeError::kNone);
  CHECK(view.packet.size() == 44);
  view = {};
  bytes[15] = std::byte{EXT_V1};
  CHECK(ViewTrace(CiliumEvent(bytes), &view) == DecodeError::kNone);
  CHECK_FALSE(view.has_extension);

  PolicyVerdictView verdict;
  CHECK(ViewPolicyVerdict(EbpfEvent(bytes), &verdict) == DecodeError::kUnknownVersion);
}

TEST_CASE("an event that ends inside our extension is too short", "[parser]") {
  const ByteVector packet;
  const ByteVector whole = Concat(packet, OurDrop(packet), drop_ext{});
  for (size_t size = sizeof(drop_notify); size < whole.size(); ++size) {
    const ByteVector cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
    DropView view;
    CHECK(ViewDrop(EbpfEvent(cut), &view) == DecodeError::kHeaderTooShort);
  }
}

TEST_CASE("the captured length trims padding behind our packets only", "[parser]") {
  const ByteVector packet(10);
  ByteVector bytes = Concat(packet, OurTrace(packet), trace_ext{});
  bytes.resize(bytes.size() + 5);
  TraceView ours;
  REQUIRE(ViewTrace(EbpfEvent(bytes), &ours) == DecodeError::kNone);
  CHECK(ours.packet.size() == 10);
  TraceView ciliums;
  REQUIRE(ViewTrace(CiliumEvent(bytes), &ciliums) == DecodeError::kNone);
  CHECK(ciliums.packet.size() == 10 + 5 + sizeof(trace_ext));
}

TEST_CASE("a sock event has 40 bytes and our extension behind them", "[parser]") {
  const sock_notify notify = OurSock(SOCK_XLATE_PRE_FWD, SOCK_L4_TCP);
  SockView bare;
  CHECK(ViewSock(EbpfEvent(Concat({}, notify)), &bare) == DecodeError::kNone);
  CHECK_FALSE(bare.has_extension);
  CHECK(ViewSock(EbpfEvent(ByteVector(39)), &bare) == DecodeError::kHeaderTooShort);

  sock_ext extension{};
  extension.version = EXT_V1;
  extension.pid = 42;
  std::memcpy(extension.comm, "curl", 5);
  const ByteVector bytes = Concat({}, notify, extension);
  SockView view;
  CHECK(ViewSock(EbpfEvent(bytes), &view) == DecodeError::kNone);
  CHECK(view.has_extension);
  CHECK(view.extension.pid == 42);
  CHECK(view.comm.size() == 4);
  SockView ciliums;
  CHECK(ViewSock(CiliumEvent(bytes), &ciliums) == DecodeError::kNone);
  CHECK_FALSE(ciliums.has_extension);

  extension.version = 2;
  CHECK(ViewSock(EbpfEvent(Concat({}, notify, extension)), &view) == DecodeError::kUnknownVersion);
  extension.version = EXT_NONE;
  SockView none;
  CHECK(ViewSock(EbpfEvent(Concat({}, notify, extension)), &none) == DecodeError::kNone);
  CHECK_FALSE(none.has_extension);
}

TEST_CASE("a command name that fills its field has no terminator", "[parser]") {
  sock_ext extension{};
  extension.version = EXT_V1;
  std::memset(extension.comm, 'x', sizeof(extension.comm));
  const ByteVector bytes = Concat({}, OurSock(0, 0), extension);
  SockView view;
  REQUIRE(ViewSock(EbpfEvent(bytes), &view) == DecodeError::kNone);
  CHECK(view.comm.size() == 16);
}

}  // namespace
}  // namespace alidade::testing
