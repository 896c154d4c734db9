// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/serve_flows.h"

#include <fstream>
#include <span>

#include "absl/time/clock.h"
#include "agent/filter/flow_header_of.h"
#include "agent/filter/wire.h"
#include "agent/observer/timestamp.h"
#include "google/protobuf/util/json_util.h"

namespace alidade::bench {
namespace {

// A flow of one of kTemplates pods, about 390 bytes.
flow::Flow MakeFlow(int i) {
  flow::Flow flow;
  const std::string number = std::to_string(i);
  flow.set_uuid("6ba7b810-9dad-41d1-80b4-00c04fd430c8");
  flow.set_verdict(i % 20 == 0 ? flow::DROPPED : flow::FORWARDED);
  flow.mutable_ip()->set_source("10.0.0." + number);
  flow.mutable_ip()->set_destination("10.0.1." + number);
  flow.mutable_ip()->set_ipversion(flow::IPv4);
  flow.mutable_l4()->mutable_tcp()->set_source_port(40000 + static_cast<uint32_t>(i));
  flow.mutable_l4()->mutable_tcp()->set_destination_port(8080);
  flow.mutable_l4()->mutable_tcp()->mutable_flags()->set_ack(true);
  for (flow::Endpoint* end : {flow.mutable_source(), flow.mutable_destination()}) {
    end->set_identity(5000 + static_cast<uint32_t>(i));
    end->set_namespace_("shop-" + std::to_string(i % kFilteredShare));
    end->set_pod_name("pod-" + number + "-6f7c8d9b5-abcde");
    end->add_labels("k8s:app=app-" + number);
    end->add_labels("k8s:io.kubernetes.pod.namespace=shop");
  }
  flow.set_type(flow::L3_L4);
  flow.mutable_event_type()->set_type(4);
  flow.mutable_is_reply()->set_value(i % 2 == 0);
  return flow;
}

}  // namespace

void WriteTemplates(const std::string& path) {
  std::ofstream file(path);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  for (int i = 0; i < kTemplates; ++i) {
    observer::GetFlowsResponse line;
    *line.mutable_flow() = MakeFlow(i);
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(line, &text, options).ok()) std::abort();
    file << text << "\n";
  }
}

observer::GetFlowsRequest FilteredRequest() {
  observer::GetFlowsRequest request;
  request.add_whitelist()->add_source_pod("shop-1/");
  request.add_whitelist()->add_source_label("k8s:app=nothing");
  request.add_whitelist()->add_source_ip("192.0.2.0/24");
  request.add_blacklist()->add_destination_port("53");
  request.add_blacklist()->add_verdict(flow::AUDIT);
  return request;
}

Writer::Writer(EventRing* ring, const std::string& path) : ring_(*ring) {
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    observer::GetFlowsResponse line;
    if (!google::protobuf::util::JsonStringToMessage(text, &line).ok()) std::abort();
    Template one{FlowHeaderOf(line.flow()), line.flow().SerializeAsString()};
    const auto handle = static_cast<uint32_t>(templates_.size()) + 1;
    one.header.source_handle = handle;
    one.header.destination_handle = handle;
    templates_.push_back(std::move(one));
  }
}

void Writer::Append() {
  Template& one = templates_[next_++ % templates_.size()];
  one.header.time_ns = absl::GetCurrentTimeNanos();
  body_.clear();
  AppendBytes(flow::Flow::kTimeFieldNumber, ToTimestamp(one.header.time_ns).SerializeAsString(),
              &body_);
  body_ += one.rest;
  ring_.Append(std::as_bytes(std::span<const FlowHeader, 1>(&one.header, 1)),
               std::as_bytes(std::span(body_.data(), body_.size())));
}

}  // namespace alidade::bench
