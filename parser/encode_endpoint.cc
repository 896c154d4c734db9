// SPDX-License-Identifier: Apache-2.0
#include "flow/flow.pb.h"
#include "parser/endpoint.h"
#include "parser/wire_writer.h"

namespace alidade {
namespace {

// Tag and length of one field, at most.
constexpr size_t kMaxFieldOverhead = 6;

size_t MaxEncodedBytes(const EndpointInfo& info) {
  size_t size = 2 * kMaxFieldOverhead;  // the numbers
  for (const std::string* text : {&info.cluster_name, &info.namespace_name, &info.pod_name}) {
    size += kMaxFieldOverhead + text->size();
  }
  for (const std::string& label : info.labels) size += kMaxFieldOverhead + label.size();
  for (const Workload& workload : info.workloads) {
    size += 3 * kMaxFieldOverhead + workload.name.size() + workload.kind.size();
  }
  return size;
}

void Encode(const EndpointInfo& info, WireWriter* out) {
  using flow::Endpoint;
  out->Varint<Endpoint::kIDFieldNumber>(info.id);
  out->Varint<Endpoint::kIdentityFieldNumber>(info.identity);
  out->ForeignText<Endpoint::kNamespaceFieldNumber>(info.namespace_name);
  for (const std::string& label : info.labels) {
    out->PresentForeign<Endpoint::kLabelsFieldNumber>(label);
  }
  out->ForeignText<Endpoint::kPodNameFieldNumber>(info.pod_name);
  for (const Workload& workload : info.workloads) {
    WireWriter::Message<Endpoint::kWorkloadsFieldNumber> message(out);
    out->ForeignText<flow::Workload::kNameFieldNumber>(workload.name);
    out->ForeignText<flow::Workload::kKindFieldNumber>(workload.kind);
  }
  out->ForeignText<Endpoint::kClusterNameFieldNumber>(info.cluster_name);
}

}  // namespace

std::string EncodeEndpoint(const EndpointInfo& info) {
  std::string wire(MaxEncodedBytes(info), '\0');
  WireWriter writer(wire.data());
  Encode(info, &writer);
  wire.resize(static_cast<size_t>(writer.position() - wire.data()));
  wire.shrink_to_fit();
  return wire;
}

}  // namespace alidade
