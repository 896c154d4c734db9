// SPDX-License-Identifier: Apache-2.0
//
// What resolvers encode once and flows splice: services and policies.
#include "flow/flow.pb.h"
#include "parser/endpoint.h"
#include "parser/wire_writer.h"

namespace alidade {
namespace {

// Tag and length of one field, or tag and varint, at most.
constexpr size_t kMaxFieldOverhead = 11;

// The value of the label `key`, empty when there is none.
std::string_view LabelValue(const std::vector<std::string>& labels, std::string_view key) {
  for (const std::string_view label : labels) {
    if (label.size() > key.size() && label.starts_with(key) && label[key.size()] == '=') {
      return label.substr(key.size() + 1);
    }
  }
  return {};
}

std::string Finished(std::string wire, const WireWriter& writer) {
  wire.resize(static_cast<size_t>(writer.position() - wire.data()));
  return wire;
}

}  // namespace

std::string EncodeService(std::string_view namespace_name, std::string_view name) {
  std::string wire(2 * kMaxFieldOverhead + namespace_name.size() + name.size(), '\0');
  WireWriter writer(wire.data());
  writer.ForeignText<flow::Service::kNameFieldNumber>(name);
  writer.ForeignText<flow::Service::kNamespaceFieldNumber>(namespace_name);
  return Finished(std::move(wire), writer);
}

std::string EncodePolicy(const std::vector<std::string>& labels, uint64_t revision) {
  using flow::Policy;
  const auto name = LabelValue(labels, "k8s:io.cilium.k8s.policy.name");
  const auto namespace_name = LabelValue(labels, "k8s:io.cilium.k8s.policy.namespace");
  const auto kind = LabelValue(labels, "k8s:io.cilium.k8s.policy.derived-from");
  size_t size = 4 * kMaxFieldOverhead + name.size() + namespace_name.size() + kind.size();
  for (const std::string& label : labels) size += kMaxFieldOverhead + label.size();

  std::string wire(size, '\0');
  WireWriter writer(wire.data());
  writer.ForeignText<Policy::kNameFieldNumber>(name);
  writer.ForeignText<Policy::kNamespaceFieldNumber>(namespace_name);
  for (const std::string& label : labels) {
    writer.PresentForeign<Policy::kLabelsFieldNumber>(label);
  }
  writer.Varint<Policy::kRevisionFieldNumber>(revision);
  writer.ForeignText<Policy::kKindFieldNumber>(kind);
  return Finished(std::move(wire), writer);
}

}  // namespace alidade
