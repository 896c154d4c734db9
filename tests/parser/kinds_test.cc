// SPDX-License-Identifier: Apache-2.0
//
// What each notification kind puts into the record.
#include <arpa/inet.h>

#include <catch2/catch_test_macros.hpp>

#include "parser/parser.h"
#include "tests/support/event_builder.h"

namespace alidade::testing {
namespace {

ByteVector SynPacket() {
  return Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(40000, 80, kTcpSyn).Build();
}

FlowRecord Decoded(const RawEvent& event) {
  FlowRecord record;
  REQUIRE(Decode(event, &record) == DecodeError::kNone);
  return record;
}

FlowRecord DecodedTrace(const trace_notify& notify, const trace_ext& extension = {}) {
  const ByteVector bytes = Concat(SynPacket(), notify, extension);
  return Decoded(EbpfEvent(bytes));
}

FlowRecord DecodedCiliumTrace(trace_notify notify) {
  notify.header.ext_version = EXT_NONE;
  const ByteVector bytes = Concat(SynPacket(), notify);
  return Decoded(CiliumEvent(bytes));
}

TEST_CASE("a trace is forwarded and tells where it was seen", "[parser]") {
  trace_notify notify = OurTrace(SynPacket());
  notify.header.subtype = TRACE_TO_NETWORK;
  notify.header.source = 17;
  notify.src_label = 5;
  notify.dst_label = 6;
  notify.dst_id = 15001;
  notify.ifindex = 3;
  notify.ip_trace_id = 99;
  trace_ext extension{};
  extension.packets = 10;
  extension.bytes = 2000;
  extension.reverse_packets = 8;
  extension.reverse_bytes = 900;
  extension.sock_cookie = 77;
  extension.netns = 4026531840;
  const FlowRecord record = DecodedTrace(notify, extension);
  CHECK(record.time_ns == 1'700'000'000'123'456'789);
  CHECK(record.type == flow::L3_L4);
  CHECK(record.verdict == flow::FORWARDED);
  CHECK(record.event_type == NOTIFY_TRACE);
  CHECK(record.event_sub_type == TRACE_TO_NETWORK);
  CHECK(record.observation_point == flow::TO_NETWORK);
  CHECK(record.trace_reason == flow::NEW);
  CHECK(record.is_reply == Maybe::kFalse);
  CHECK(record.interface_index == 3);
  CHECK(record.proxy_port == 0);
  CHECK(record.ip_trace_id == 99);
  CHECK(record.emitter_endpoint == 17);
  CHECK(record.source_label == 5);
  CHECK(record.destination_label == 6);
  CHECK(record.socket_cookie == 77);
  CHECK(record.extension.packets == 10);
  CHECK(record.extension.bytes == 2000);
  CHECK(record.extension.reverse_packets == 8);
  CHECK(record.extension.reverse_bytes == 900);
  CHECK(record.extension.netns == 4026531840);
  CHECK(record.packet.l4.destination_port == 80);
  CHECK_FALSE(record.has_file);
  CHECK(record.drop_reason == 0);
}

TEST_CASE("counts without a packet have no flags", "[parser]") {
  trace_ext extension{};
  extension.reverse_packets = 3;
  CHECK_FALSE(DecodedTrace(OurTrace(SynPacket()), extension).extension.counts_only);
  CHECK_FALSE(DecodedTrace(OurTrace(SynPacket()), extension).is_egress_hook);
  extension.flags = TRACE_EXT_COUNTS_ONLY | TRACE_EXT_EGRESS;
  const FlowRecord record = DecodedTrace(OurTrace(SynPacket()), extension);
  CHECK(record.extension.counts_only);
  CHECK(record.is_egress_hook);
  CHECK(record.packet.l4.destination_port == 80);
  CHECK_FALSE(record.packet.l4.has_tcp_flags);
}

TEST_CASE("a trace tells the other side of a translation where it differs", "[parser]") {
  trace_notify notify = OurTrace(SynPacket());
  notify.header.ext_version = EXT_V2;
  const FlowRecord plain = DecodedTrace(OurTrace(SynPacket()));
  nat_ext nat{};
  std::memcpy(nat.source, plain.packet.ip.source.bytes.data(), 4);
  nat.source_port = htons(plain.packet.l4.source_port);
  std::memcpy(nat.destination, "\x0a\x60\x00\x01", 4);
  nat.destination_port = htons(8080);
  nat.side = NAT_SIDE_BEFORE;
  const ByteVector bytes = Concat(SynPacket(), notify, trace_ext{}, nat);
  FlowRecord record;
  REQUIRE(Decode(EbpfEvent(bytes), &record) == DecodeError::kNone);
  CHECK_FALSE(record.extension.nat_source.valid());
  CHECK(record.extension.nat_destination.ToString() == "10.96.0.1");
  CHECK(record.extension.nat_destination_port == 8080);
  CHECK(record.extension.nat_is_ahead);
}

TEST_CASE("the wire's point zero is to-endpoint and others pass as they are", "[parser]") {
  trace_notify notify = OurTrace(SynPacket());
  notify.header.subtype = TRACE_TO_ENDPOINT;
  FlowRecord record = DecodedTrace(notify);
  CHECK(record.observation_point == flow::TO_ENDPOINT);
  CHECK(record.event_sub_type == 0);
  notify.header.subtype = 200;
  CHECK(static_cast<int>(DecodedTrace(notify).observation_point) == 200);
  notify.header.subtype = TRACE_TO_PROXY;
  notify.dst_id = 15001;
  CHECK(DecodedTrace(notify).proxy_port == 15001);
}

TEST_CASE("trace reasons are renumbered and decide about reply", "[parser]") {
  struct Row {
    uint8_t wire;
    int reason;
    Maybe is_reply;
    bool known;
  };
  for (const Row& row :
       {Row{0, flow::NEW, Maybe::kFalse, true}, Row{1, flow::ESTABLISHED, Maybe::kFalse, true},
        Row{2, flow::REPLY, Maybe::kTrue, true}, Row{3, flow::RELATED, Maybe::kFalse, true},
        Row{5, flow::TRACE_REASON_UNKNOWN, Maybe::kAbsent, false},
        Row{6, flow::SRV6_ENCAP, Maybe::kAbsent, true},
        Row{7, flow::SRV6_DECAP, Maybe::kAbsent, true}, Row{100, 100, Maybe::kFalse, true}}) {
    for (const int encrypted : {0, 0x80}) {
      trace_notify notify = OurTrace(SynPacket());
      notify.reason = static_cast<uint8_t>(row.wire | encrypted);
      const FlowRecord record = DecodedTrace(notify);
      CHECK(static_cast<int>(record.trace_reason) == row.reason);
      CHECK(record.is_reply == row.is_reply);
      CHECK(record.trace_reason_known == row.known);
      CHECK(record.packet.ip.encrypted == (encrypted != 0));
    }
  }
}

TEST_CASE("the source before translation is the source, beside the one on the wire", "[parser]") {
  trace_notify notify = OurTrace(SynPacket());
  std::memcpy(notify.orig_ip, "\x0a\x00\x00\x63", 4);
  const FlowRecord record = DecodedCiliumTrace(notify);
  CHECK(record.packet.ip.source == *IpAddress::Parse("10.0.0.99"));
  CHECK(record.packet.ip.source_xlated == *IpAddress::Parse("10.0.0.1"));
  CHECK(record.has_original_source);

  std::memcpy(notify.orig_ip, "\x0a\x00\x00\x01", 4);
  const FlowRecord same = DecodedCiliumTrace(notify);
  CHECK_FALSE(same.packet.ip.source_xlated.valid());
  CHECK(same.has_original_source);

  std::memset(notify.orig_ip, 0, sizeof(notify.orig_ip));
  CHECK_FALSE(DecodedCiliumTrace(notify).has_original_source);
  // ::ffff:0.0.0.0 is no address either.
  notify.flags = NOTIFY_FLAG_IPV6;
  notify.orig_ip[10] = notify.orig_ip[11] = 0xff;
  CHECK_FALSE(DecodedCiliumTrace(notify).has_original_source);
}

TEST_CASE("our drop tells the kernel's reason and place", "[parser]") {
  drop_notify notify = OurDrop(SynPacket());
  notify.header.subtype = 133;
  notify.ifindex = 4;
  drop_ext extension{};
  extension.location = 0xffffffff81234567;
  extension.kernel_reason = 6;
  extension.sock_cookie = 8;
  extension.netns = 9;
  const ByteVector bytes = Concat(SynPacket(), notify, extension);
  const FlowRecord record = Decoded(EbpfEvent(bytes));
  CHECK(record.verdict == flow::DROPPED);
  CHECK(record.drop_reason == 133);
  CHECK(record.is_reply == Maybe::kAbsent);
  CHECK(record.interface_index == 4);
  CHECK(record.extension.location == 0xffffffff81234567);
  CHECK(record.extension.kernel_reason == 6);
  CHECK(record.extension.netns == 9);
  CHECK(record.socket_cookie == 8);
  CHECK_FALSE(record.has_file);
}

TEST_CASE("Cilium's drop tells its source file and no interface", "[parser]") {
  drop_notify notify = OurDrop(SynPacket());
  notify.header.subtype = 181;
  notify.ifindex = 4;
  notify.file = 2;
  notify.line = 1234;
  const ByteVector bytes = Concat(SynPacket(), notify);
  const FlowRecord record = Decoded(CiliumEvent(bytes));
  CHECK(record.has_file);
  CHECK(record.file_id == 2);
  CHECK(record.file_line == 1234);
  CHECK(record.interface_index == 0);
}

FlowRecord DecodedVerdict(int32_t verdict, int bits) {
  policy_verdict_notify notify{};
  notify.header.type = NOTIFY_POLICY_VERDICT;
  notify.remote_label = 6001;
  notify.verdict = verdict;
  notify.bits = static_cast<uint8_t>(bits);
  notify.auth_type = 1;
  const ByteVector bytes = Concat(SynPacket(), notify);
  return Decoded(CiliumEvent(bytes));
}

TEST_CASE("the sign of a policy verdict is its outcome", "[parser]") {
  const FlowRecord denied = DecodedVerdict(-133, VERDICT_DIRECTION_INGRESS | 2 << 3);
  CHECK(denied.verdict == flow::DROPPED);
  CHECK(denied.drop_reason == 133);
  CHECK(denied.is_reply == Maybe::kAbsent);
  CHECK(denied.policy_match_type == 2);
  CHECK(denied.auth_type == flow::SPIRE);
  CHECK(DecodedVerdict(0, 0).verdict == flow::FORWARDED);
  CHECK(DecodedVerdict(0, VERDICT_AUDITED).verdict == flow::AUDIT);
  CHECK(DecodedVerdict(15001, VERDICT_AUDITED).verdict == flow::REDIRECTED);
  CHECK(DecodedVerdict(0, 0).is_reply == Maybe::kFalse);
  CHECK(DecodedVerdict(INT32_MIN, 0).drop_reason == 0x80000000);
}

TEST_CASE("the remote identity of a policy verdict is the source on ingress", "[parser]") {
  const FlowRecord ingress = DecodedVerdict(0, VERDICT_DIRECTION_INGRESS);
  CHECK(ingress.source_label == 6001);
  CHECK(ingress.destination_label == 0);
  CHECK(ingress.stated_direction == flow::INGRESS);
  for (const int bits : {0, 2, 3}) {
    const FlowRecord egress = DecodedVerdict(0, bits);
    CHECK(egress.destination_label == 6001);
    CHECK(egress.stated_direction == flow::EGRESS);
  }
}

TEST_CASE("the argument of a capture is an interface or a proxy port by its point", "[parser]") {
  const auto decoded = [](uint8_t point) {
    capture_notify notify{};
    notify.header.type = NOTIFY_CAPTURE;
    notify.header.subtype = point;
    notify.arg1 = 3;
    const ByteVector bytes = Concat(SynPacket(), notify);
    return Decoded(CiliumEvent(bytes));
  };
  CHECK(decoded(CAPTURE_DELIVERY).interface_index == 3);
  CHECK(decoded(CAPTURE_SNAT_POST).interface_index == 3);
  CHECK(decoded(CAPTURE_PROXY_PRE).interface_index == 0);
  CHECK(decoded(CAPTURE_PROXY_PRE).proxy_port == 3 << 8);
  CHECK(decoded(0).interface_index == 0);
  CHECK(decoded(0).verdict == flow::VERDICT_UNKNOWN);
  CHECK(decoded(9).debug_capture_point == flow::DBG_CAPTURE_PROXY_POST);
}

TEST_CASE("a sock event is what a process asked for", "[parser]") {
  sock_notify notify = OurSock(SOCK_XLATE_PRE_FWD, SOCK_L4_TCP);
  notify.dst_port = 443;
  notify.sock_cookie = 5;
  notify.cgroup_id = 6;
  std::memcpy(notify.dst_ip, "\x08\x08\x08\x08", 4);
  sock_ext extension{};
  extension.version = EXT_V1;
  extension.pid = 42;
  extension.local_port = 40000;
  extension.netns = 11;
  std::memcpy(extension.local_ip, "\x0a\x00\x00\x01", 4);
  std::memcpy(extension.comm, "curl\0rest", 9);
  const ByteVector bytes = Concat({}, notify, extension);
  const FlowRecord record = Decoded(EbpfEvent(bytes));
  CHECK(record.type == flow::SOCK);
  CHECK(record.verdict == flow::TRACED);
  CHECK(record.sock_xlate_point == flow::SOCK_XLATE_POINT_PRE_DIRECTION_FWD);
  CHECK(record.socket_cookie == 5);
  CHECK(record.cgroup_id == 6);
  CHECK(record.packet.ip.version() == IpVersion::kV4);
  CHECK(record.packet.ip.source == *IpAddress::Parse("10.0.0.1"));
  CHECK(record.packet.ip.destination == *IpAddress::Parse("8.8.8.8"));
  CHECK(record.packet.l4.source_port == 40000);
  CHECK(record.packet.l4.destination_port == 443);
  CHECK_FALSE(record.packet.l4.has_tcp_flags);
  CHECK(record.extension.pid == 42);
  CHECK(record.extension.comm == "curl");
  CHECK(record.extension.netns == 11);
}

TEST_CASE("an unbound socket has no source yet", "[parser]") {
  sock_notify notify = OurSock(SOCK_XLATE_POST_REV, SOCK_L4_UDP);
  notify.flags = SOCK_FLAG_IPV6;
  sock_ext extension{};
  extension.version = EXT_V1;
  const ByteVector bytes = Concat({}, notify, extension);
  const FlowRecord record = Decoded(EbpfEvent(bytes));
  CHECK(record.verdict == flow::TRANSLATED);
  CHECK(record.swap_endpoints);
  CHECK(record.packet.ip.version() == IpVersion::kV6);
  CHECK_FALSE(record.packet.ip.source.valid());
}

TEST_CASE("a socket of another protocol has no transport layer", "[parser]") {
  const ByteVector bytes = Concat({}, OurSock(99, 3));
  const FlowRecord record = Decoded(CiliumEvent(bytes));
  CHECK(record.packet.l4.protocol == L4Protocol::kNone);
  CHECK(record.packet.last == LastLayer::kSockUnknown);
  CHECK(record.verdict == flow::VERDICT_UNKNOWN);
}

TEST_CASE("what is no flow has its own error", "[parser]") {
  FlowRecord record;
  const auto error = [&record](const ByteVector& bytes) {
    return Decode(CiliumEvent(bytes), &record);
  };
  CHECK(error({}) == DecodeError::kEmptyData);
  CHECK(error({std::byte{NOTIFY_DEBUG}}) == DecodeError::kNotAFlow);
  for (const int type : {0, 6, 8, 128, 129, 130, 255}) {
    CHECK(error(ByteVector(100, static_cast<std::byte>(type))) == DecodeError::kInvalidType);
  }
  for (const int type : {1, 3, 4, 5, 7}) {
    CHECK(error({static_cast<std::byte>(type)}) == DecodeError::kHeaderTooShort);
  }
}

TEST_CASE("each error has a name of its own", "[parser]") {
  std::vector<std::string_view> names;
  for (int i = 0; i < static_cast<int>(DecodeError::kCount); ++i) {
    const std::string_view name = DecodeErrorName(static_cast<DecodeError>(i));
    CHECK_FALSE(name.empty());
    for (const std::string_view other : names) CHECK(other != name);
    names.push_back(name);
  }
}

TEST_CASE("decoding forgets the record's last event but keeps its uuid", "[parser]") {
  FlowRecord record;
  record.uuid[3] = 9;
  drop_notify notify = OurDrop(SynPacket());
  notify.header.subtype = 133;
  const ByteVector drop = Concat(SynPacket(), notify, drop_ext{});
  REQUIRE(Decode(EbpfEvent(drop), &record) == DecodeError::kNone);
  const ByteVector sock = Concat({}, OurSock(0, 0));
  REQUIRE(Decode(EbpfEvent(sock), &record) == DecodeError::kNone);
  CHECK(record.drop_reason == 0);
  CHECK_FALSE(record.packet.has_ethernet);
  CHECK(record.packet.l4.tcp_flags == 0);
  CHECK(record.uuid[3] == 9);
}

}  // namespace
}  // namespace alidade::testing
