// SPDX-License-Identifier: Apache-2.0
//
// The way of an event through the parser touches no heap.
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "parser/flow_header.h"
#include "parser/parser.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/event_builder.h"
#include "tests/support/table_resolver.h"

namespace alidade::testing {
namespace {

// Events of every kind, whole and broken, from both origins.
std::vector<ByteVector> Events() {
  const ByteVector tcp =
      Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Tcp(1, 2, 0x18).Payload(70).Build();
  const ByteVector icmp = Ethernet().Ipv6("fd00::1", "fd00::2").IcmpV6(1, 3).Build();
  drop_ext drop_extension{};
  drop_extension.location = 1;
  drop_extension.kernel_reason = 2;
  sock_ext sock_extension{};
  sock_extension.version = EXT_V1;
  std::memcpy(sock_extension.comm, "caf\xc3", 4);
  policy_verdict_notify verdict{};
  verdict.header.type = NOTIFY_POLICY_VERDICT;
  verdict.header.len_cap = 1000;
  capture_notify capture{};
  capture.header.type = NOTIFY_CAPTURE;
  capture.header.len_cap = 1000;
  return {Concat(tcp, OurTrace(tcp), trace_ext{}),
          Concat(icmp, OurDrop(icmp), drop_extension),
          Concat({}, OurSock(3, SOCK_L4_UDP), sock_extension),
          Concat(tcp, verdict),
          Concat(icmp, capture),
          ByteVector(3, std::byte{NOTIFY_TRACE}),
          {}};
}

TEST_CASE("no event costs a heap allocation", "[parser]") {
  TableResolver resolver;
  resolver.AddDropReason(2, "NETFILTER_DROP");
  resolver.AddSymbol(1, "nf_hook_slow");
  const std::vector<ByteVector> events = Events();
  std::vector<char> out(4096);
  FlowRecord record;
  size_t flows = 0;

  const size_t before = allocation_count.load();
  for (const ByteVector& bytes : events) {
    for (const RawEvent& event : {EbpfEvent(bytes), CiliumEvent(bytes)}) {
      if (Decode(event, &record) != DecodeError::kNone) continue;
      Enrich(resolver, &record);
      const FlowHeader header = MakeFlowHeader(record);
      flows += header.kind == EventKind::kFlow && MaxEncodedFlowBytes(record) <= out.size() &&
               EncodeFlow(record, out.data()) > 0;
    }
  }
  const size_t after = allocation_count.load();

  CHECK(after == before);
  CHECK(flows >= events.size());
}

}  // namespace
}  // namespace alidade::testing
