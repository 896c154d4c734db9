// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/filter_fields.h"

#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/cli/flag_values.h"
#include "agent/cli/hubble_names.h"
#include "agent/filter/go_text.h"

namespace alidade {
namespace {

using flow::FlowFilter;
using TextList = google::protobuf::RepeatedPtrField<std::string>;
using TextField = TextList* (FlowFilter::*)();

template <TextField kField>
absl::Status AddText(const std::string& value, FlowFilter* filter) {
  *(filter->*kField)()->Add() = value;
  return absl::OkStatus();
}

template <TextField kSourceField, TextField kDestinationField>
absl::Status AddSideText(const std::string& value, Side side, FlowFilter* filter) {
  return side == Side::kSource ? AddText<kSourceField>(value, filter)
                               : AddText<kDestinationField>(value, filter);
}

// In the words of Hubble's client.
template <typename... Parts>
absl::Status Wrong(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

std::string MessageOf(const absl::Status& status) { return std::string(status.message()); }

absl::Status AddIdentity(const std::string& value, Side side, FlowFilter* filter) {
  std::optional<uint32_t> identity = ParseIdentity(value);
  if (!identity) {
    return Wrong("invalid security identity, expected one of [",
                 absl::StrJoin(ReservedIdentityNames(), " "), " 11] or a numeric value");
  }
  if (side == Side::kSource) {
    filter->add_source_identity(*identity);
  } else {
    filter->add_destination_identity(*identity);
  }
  return absl::OkStatus();
}

// `name`, `kind/name` or `kind/`.
absl::Status AddWorkload(const std::string& value, Side side, FlowFilter* filter) {
  flow::Workload* workload =
      side == Side::kSource ? filter->add_source_workload() : filter->add_destination_workload();
  size_t slash = value.find('/');
  if (slash != std::string::npos) workload->set_kind(value.substr(0, slash));
  workload->set_name(value.substr(slash == std::string::npos ? 0 : slash + 1));
  return absl::OkStatus();
}

absl::Status AddIpVersion(const std::string& value, FlowFilter* filter) {
  std::string version = absl::AsciiStrToLower(value);
  if (version == "4" || version == "v4" || version == "ipv4" || version == "ip4") {
    filter->add_ip_version(flow::IPv4);
  } else if (version == "6" || version == "v6" || version == "ipv6" || version == "ip6") {
    filter->add_ip_version(flow::IPv6);
  } else if (version == "none") {
    filter->add_ip_version(flow::IP_NOT_USED);
  } else {
    return Wrong("must be one of v4, v6, none");
  }
  return absl::OkStatus();
}

absl::Status AddIpv4(const std::string& /*value*/, FlowFilter* filter) {
  filter->add_ip_version(flow::IPv4);
  return absl::OkStatus();
}

absl::Status AddIpv6(const std::string& /*value*/, FlowFilter* filter) {
  filter->add_ip_version(flow::IPv6);
  return absl::OkStatus();
}

absl::Status AddEncrypted(const std::string& /*value*/, FlowFilter* filter) {
  filter->add_encrypted(true);
  return absl::OkStatus();
}

absl::Status AddUnencrypted(const std::string& /*value*/, FlowFilter* filter) {
  filter->add_encrypted(false);
  return absl::OkStatus();
}

absl::Status AddVerdict(const std::string& value, FlowFilter* filter) {
  flow::Verdict verdict;
  if (!flow::Verdict_Parse(value, &verdict)) {
    return Wrong("invalid --verdict value: ", value);
  }
  filter->add_verdict(verdict);
  return absl::OkStatus();
}

absl::Status AddDropReason(const std::string& value, FlowFilter* filter) {
  if (value.empty()) return Wrong("empty --drop-reason-desc value");
  flow::DropReason reason;
  if (!flow::DropReason_Parse(value, &reason)) {
    return Wrong("invalid --drop-reason-desc value: ", value);
  }
  filter->add_drop_reason_desc(reason);
  return absl::OkStatus();
}

std::optional<int32_t> SubTypeByName(int32_t type, const std::string& name) {
  if (type == kEventTrace) return TracePointByName(name);
  if (type == kEventAgent) return AgentEventByName(name);
  return std::nullopt;
}

// `TYPE[:SUB]`, each a name or a number, which wraps round as in Hubble's client.
absl::Status AddEventType(const std::string& value, FlowFilter* filter) {
  const std::vector<std::string> parts = absl::StrSplit(value, absl::MaxSplits(':', 1));
  flow::EventTypeFilter event_type;
  if (const std::optional<int32_t> type = EventTypeByName(parts[0])) {
    event_type.set_type(*type);
  } else if (const auto number = ParseGoUint(parts[0], 10, 32); number.ok()) {
    event_type.set_type(static_cast<int32_t>(*number));
  } else {
    return Wrong("unable to parse type '", parts[0],
                 "', not a known type name and unable to parse as numeric value: ",
                 MessageOf(number.status()));
  }
  if (parts.size() > 1) {
    event_type.set_match_sub_type(true);
    if (const std::optional<int32_t> sub_type = SubTypeByName(event_type.type(), parts[1])) {
      event_type.set_sub_type(*sub_type);
    } else if (const auto number = ParseGoUint(parts[1], 10, 32); number.ok()) {
      event_type.set_sub_type(static_cast<int32_t>(*number));
    } else {
      return Wrong("unable to parse event sub-type '", parts[1],
                   "', not a known sub-type name and unable to parse as numeric value: ",
                   MessageOf(number.status()));
    }
  }
  *filter->add_event_type() = event_type;
  return absl::OkStatus();
}

absl::Status AddHttpHeader(const std::string& value, FlowFilter* filter) {
  size_t colon = value.find(':');
  if (colon == std::string::npos) {
    return Wrong("invalid http-header value ", GoQuote(value), ", expected name:value");
  }
  flow::HTTPHeader* header = filter->add_http_header();
  header->set_key(value.substr(0, colon));
  header->set_value(value.substr(colon + 1));
  return absl::OkStatus();
}

absl::Status AddIpTraceId(const std::string& value, FlowFilter* filter) {
  if (value == "0") return Wrong("invalid --ip-trace-id value; must be greater than 0");
  const absl::StatusOr<uint64_t> id = ParseGoUint(value, 10, 64);
  if (!id.ok()) return Wrong("invalid --ip-trace-id value: ", MessageOf(id.status()));
  filter->add_ip_trace_id(*id);
  return absl::OkStatus();
}

// The fields of flow.TCPFlags are named after the flags.
absl::Status AddTcpFlags(const std::string& value, FlowFilter* filter) {
  flow::TCPFlags flags;
  for (absl::string_view name : absl::StrSplit(value, ',')) {
    const google::protobuf::FieldDescriptor* field =
        flow::TCPFlags::descriptor()->FindFieldByName(absl::AsciiStrToUpper(name));
    if (field == nullptr) return Wrong("unknown tcp flag: ", name);
    flags.GetReflection()->SetBool(&flags, field, true);
  }
  *filter->add_tcp_flags() = flags;
  return absl::OkStatus();
}

absl::Status AddTrafficDirection(const std::string& value, FlowFilter* filter) {
  std::string direction = absl::AsciiStrToLower(value);
  if (direction != "ingress" && direction != "egress") {
    return Wrong(direction, ": invalid traffic direction, expected ingress or egress");
  }
  filter->add_traffic_direction(direction == "ingress" ? flow::INGRESS : flow::EGRESS);
  return absl::OkStatus();
}

absl::Status AddInterface(const std::string& value, FlowFilter* filter) {
  filter->add_interface()->set_name(value);
  return absl::OkStatus();
}

absl::Status AddCel(const std::string& value, FlowFilter* filter) {
  filter->mutable_experimental()->add_cel_expression(value);
  return absl::OkStatus();
}

constexpr SideField kSideFields[] = {
    {"ip", '\0', "has this address or is in this CIDR",
     AddSideText<&FlowFilter::mutable_source_ip, &FlowFilter::mutable_destination_ip>},
    {"port", '\0', "has this port",
     AddSideText<&FlowFilter::mutable_source_port, &FlowFilter::mutable_destination_port>},
    {"pod", '\0', "is a pod, [namespace/]name prefix",
     AddSideText<&FlowFilter::mutable_source_pod, &FlowFilter::mutable_destination_pod>},
    {"service", '\0', "is a service, [namespace/]name prefix",
     AddSideText<&FlowFilter::mutable_source_service, &FlowFilter::mutable_destination_service>},
    {"fqdn", '\0', "has this DNS name, * is a wildcard",
     AddSideText<&FlowFilter::mutable_source_fqdn, &FlowFilter::mutable_destination_fqdn>},
    {"label", 'l', "has these labels, e.g. k8s:app=web",
     AddSideText<&FlowFilter::mutable_source_label, &FlowFilter::mutable_destination_label>},
    {"identity", '\0', "has this security identity, a number or e.g. world", AddIdentity},
    {"workload", '\0', "is of this workload, [kind/]name", AddWorkload},
    {"cluster", '\0', "is in this cluster",
     AddSideText<&FlowFilter::mutable_source_cluster_name,
                 &FlowFilter::mutable_destination_cluster_name>},
};

constexpr FlowField kFlowFields[] = {
    {"verdict", '\0', "", "verdict, e.g. DROPPED", AddVerdict},
    {"drop-reason-desc", '\0', "", "drop reason, e.g. POLICY_DENIED", AddDropReason},
    {"type", 't', "", "event type TYPE[:SUB], e.g. trace:to-endpoint", AddEventType},
    {"protocol", '\0', "", "protocol of L4 or L7, e.g. tcp, dns",
     AddText<&FlowFilter::mutable_protocol>},
    {"tcp-flags", '\0', "", "TCP flags that are all set, e.g. SYN,ACK", AddTcpFlags},
    {"ipv4", '4', "v4", "IPv4 only", AddIpv4},
    {"ipv6", '6', "v6", "IPv6 only", AddIpv6},
    {"ip-version", '\0', "", "v4, v6 or none", AddIpVersion},
    {"snat-ip", '\0', "", "source address after translation",
     AddText<&FlowFilter::mutable_source_ip_xlated>},
    {"traffic-direction", '\0', "", "ingress or egress", AddTrafficDirection},
    {"interface", '\0', "", "name of the interface", AddInterface},
    {"encrypted", '\0', "true", "encrypted packets only", AddEncrypted},
    {"unencrypted", '\0', "true", "packets in the clear only", AddUnencrypted},
    {"node-name", '\0', "", "[cluster/]node, * is a wildcard",
     AddText<&FlowFilter::mutable_node_name>},
    {"node-label", '\0', "", "labels of the node", AddText<&FlowFilter::mutable_node_labels>},
    {"uuid", '\0', "", "one flow", AddText<&FlowFilter::mutable_uuid>},
    {"http-status", '\0', "", "HTTP status, e.g. 404 or 5+",
     AddText<&FlowFilter::mutable_http_status_code>},
    {"http-method", '\0', "", "HTTP method", AddText<&FlowFilter::mutable_http_method>},
    {"http-path", '\0', "", "regular expression over the HTTP path",
     AddText<&FlowFilter::mutable_http_path>},
    {"http-url", '\0', "", "regular expression over the HTTP URL",
     AddText<&FlowFilter::mutable_http_url>},
    {"http-header", '\0', "", "HTTP header NAME:VALUE", AddHttpHeader},
    {"trace-id", '\0', "", "trace id of an HTTP request", AddText<&FlowFilter::mutable_trace_id>},
    {"ip-trace-id", '\0', "", "trace id in an IP option", AddIpTraceId},
    {"cel-expression", '\0', "", "CEL expression over _flow", AddCel},
};

}  // namespace

std::span<const SideField> SideFields() { return kSideFields; }

std::span<const FlowField> FlowFields() { return kFlowFields; }

}  // namespace alidade
