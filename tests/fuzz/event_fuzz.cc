// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an event of either origin: what decodes must encode, within the bound, to a flow
// that protobuf accepts.
#include <cstdlib>
#include <vector>

#include "flow/flow.pb.h"
#include "parser/debug_record.h"
#include "parser/flow_header.h"
#include "parser/parser.h"
#include "tests/support/table_resolver.h"

namespace alidade::testing {
namespace {

const TableResolver& Resolver() {
  static const TableResolver* const kResolver = [] {
    auto* resolver = new TableResolver;
    EndpointInfo pod;
    pod.id = 7;
    pod.identity = 5001;
    pod.namespace_name = "default";
    pod.labels = {"k8s:app=xwing"};
    resolver->AddEndpoint("10.0.0.1", pod);
    resolver->AddInterface(0, 1, "eth0");
    resolver->AddLocalAddress(0, "10.0.0.1");
    resolver->AddDropReason(2, "NETFILTER_DROP");
    resolver->AddSymbol(1, "nf_hook_slow");
    return resolver;
  }();
  return *kResolver;
}

void CheckDebugMessage(std::span<const std::byte> bytes, Origin origin) {
  DebugRecord record;
  if (DecodeDebug({.bytes = bytes, .time_ns = 1, .origin = origin}, &record) !=
      DecodeError::kNone) {
    return;
  }
  EnrichDebug(Resolver(), &record);
  std::vector<char> out(MaxEncodedDebugBytes(record));
  const size_t size = EncodeDebugEvent(record, out.data());
  flow::DebugEvent event;
  if (size > out.size() || !event.ParseFromArray(out.data(), static_cast<int>(size))) std::abort();
  if (event.message().empty() || !event.has_cpu()) std::abort();
}

void CheckEvent(std::span<const std::byte> bytes, Origin origin) {
  FlowRecord record;
  const DecodeError error = Decode({.bytes = bytes, .time_ns = 1, .origin = origin}, &record);
  if (error == DecodeError::kNotAFlow) return CheckDebugMessage(bytes, origin);
  if (error != DecodeError::kNone) {
    if (DecodeErrorName(error).empty()) std::abort();
    return;
  }
  Enrich(Resolver(), &record);
  if (MakeFlowHeader(record).event_type != record.event_type) std::abort();
  std::vector<char> out(MaxEncodedFlowBytes(record));
  const size_t size = EncodeFlow(record, out.data());
  flow::Flow flow;
  if (size > out.size() || !flow.ParseFromArray(out.data(), static_cast<int>(size))) std::abort();
  if (!flow.has_source() || !flow.has_destination() || !flow.has_event_type()) std::abort();
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  alidade::testing::CheckEvent(bytes, alidade::Origin::kEbpf);
  alidade::testing::CheckEvent(bytes, alidade::Origin::kCilium);
  return 0;
}
