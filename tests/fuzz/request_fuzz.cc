// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a GetFlowsRequest, and any flow to judge: the request is refused with a text, or its
// stream ends or rests within as many turns as a store of this size can take.
#include <cstdlib>
#include <memory>
#include <string>

#include "agent/filter/flow_header_of.h"
#include "agent/observer/methods.h"
#include "google/protobuf/stubs/logging.h"
#include "observer/observer.pb.h"

namespace alidade {
namespace {

constexpr int kMostTurns = 1000;

// A store with a flow of many fields and one of none.
const EventRing& Ring() {
  static EventRing* const ring = [] {
    auto* made = new EventRing({.capacity = 7, .header_bytes = sizeof(FlowHeader)});
    flow::Flow flow;
    flow.mutable_time()->set_seconds(1);
    flow.mutable_source()->set_pod_name("web-1");
    flow.mutable_source()->set_namespace_("shop");
    flow.mutable_source()->add_labels("k8s:app=web");
    flow.mutable_source()->add_labels("cidr:10.0.0.0/8");
    flow.mutable_source()->add_workloads()->set_name("web");
    flow.mutable_ip()->set_source("10.0.0.1");
    flow.mutable_ip()->set_destination("fd00::1");
    flow.add_destination_names("www.example.com");
    flow.mutable_l7()->mutable_http()->set_url("http://example.com/a?b");
    flow.mutable_l7()->mutable_http()->add_headers()->set_key("a");
    flow.set_node_name("c1/node-1");
    for (const flow::Flow& one : {flow, flow::Flow()}) {
      const FlowHeader header = FlowHeaderOf(one);
      const std::string body = one.SerializeAsString();
      made->Append(std::as_bytes(std::span<const FlowHeader, 1>(&header, 1)),
                   std::as_bytes(std::span(body.data(), body.size())));
    }
    return made;
  }();
  return *ring;
}

ServerState& State() {
  static Ledger ledger;
  static ServerState state{.ring = Ring(),
                           .ledger = ledger,
                           .node = {"node-1", "c1", {}},
                           .node_frame = NodeFrame({"node-1", "c1", {}}, "0"),
                           .version = "0",
                           .start_ns = 0,
                           .loss_interval_ns = 0,
                           .fill_status = {},
                           .streams = {},
                           .peers = {},
                           .serving = true};
  return state;
}

void Answer(const Method& method, const std::string& bytes) {
  const grpc::Slice slice(bytes);
  grpc::ByteBuffer request(&slice, 1);
  const ResponderOr responder =
      method.start({State(), &request, "fuzz", SplitPath(method.path).method});
  if (!responder.ok()) {
    if (responder.status().message().empty()) std::abort();
    return;
  }
  std::string message;
  for (int turn = 0; turn < kMostTurns; ++turn) {
    switch ((*responder)->Next(&message)) {
      case Responder::Step::kMessage:
      case Responder::Step::kYield:
        continue;
      default:
        return;
    }
  }
  std::abort();
}

}  // namespace
}  // namespace alidade

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  google::protobuf::SetLogHandler(nullptr);  // it tells of every text that is no UTF-8
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const alidade::Method& method : alidade::Methods()) alidade::Answer(method, bytes);
  return 0;
}
