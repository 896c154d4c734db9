// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/filter_fields.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "agent/cli/hubble_names.h"

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

absl::Status MustBe(const std::string& what) {
  return absl::InvalidArgumentError("must be " + what);
}

absl::Status AddIdentity(const std::string& value, Side side, FlowFilter* filter) {
  std::optional<uint32_t> identity = ParseIdentity(value);
  if (!identity) return MustBe("a number or the name of a reserved identity, e.g. world");
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
    return MustBe("one of v4, v6, none");
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

std::string EnumNames(const google::protobuf::EnumDescriptor& type) {
  std::string names;
  for (int i = 0; i < type.value_count(); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", type.value(i)->name());
  }
  return names;
}

absl::Status AddVerdict(const std::string& value, FlowFilter* filter) {
  flow::Verdict verdict;
  if (!flow::Verdict_Parse(value, &verdict)) {
    return MustBe("one of " + EnumNames(*flow::Verdict_descriptor()));
  }
  filter->add_verdict(verdict);
  return absl::OkStatus();
}

absl::Status AddDropReason(const std::string& value, FlowFilter* filter) {
  flow::DropReason reason;
  if (!flow::DropReason_Parse(value, &reason)) {
    return MustBe("the name of a drop reason, e.g. POLICY_DENIED");
  }
  filter->add_drop_reason_desc(reason);
  return absl::OkStatus();
}

std::optional<int32_t> ParseNumber(const std::string& text) {
  int32_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 0) return std::nullopt;
  return number;
}

// `TYPE[:SUB]`, each a name or a number.
absl::Status AddEventType(const std::string& value, FlowFilter* filter) {
  std::vector<std::string> parts = absl::StrSplit(value, absl::MaxSplits(':', 1));
  std::optional<int32_t> type = EventTypeByName(parts[0]);
  if (!type) type = ParseNumber(parts[0]);
  if (!type) return MustBe("a number or one of " + absl::StrJoin(EventTypeNames(), ", "));
  flow::EventTypeFilter event_type;
  event_type.set_type(*type);
  if (parts.size() > 1) {
    std::optional<int32_t> sub_type;
    if (*type == kEventTrace) sub_type = TracePointByName(parts[1]);
    if (!sub_type) sub_type = ParseNumber(parts[1]);
    if (!sub_type) return MustBe("TYPE:SUB with SUB a number or, for trace, e.g. to-endpoint");
    event_type.set_match_sub_type(true);
    event_type.set_sub_type(*sub_type);
  }
  *filter->add_event_type() = event_type;
  return absl::OkStatus();
}

absl::Status AddHttpHeader(const std::string& value, FlowFilter* filter) {
  size_t colon = value.find(':');
  if (colon == std::string::npos) return MustBe("NAME:VALUE");
  flow::HTTPHeader* header = filter->add_http_header();
  header->set_key(value.substr(0, colon));
  header->set_value(value.substr(colon + 1));
  return absl::OkStatus();
}

absl::Status AddIpTraceId(const std::string& value, FlowFilter* filter) {
  uint64_t id = 0;
  if (!absl::SimpleAtoi(value, &id) || id == 0) return MustBe("a number greater than 0");
  filter->add_ip_trace_id(id);
  return absl::OkStatus();
}

// The fields of flow.TCPFlags are named after the flags.
absl::Status AddTcpFlags(const std::string& value, FlowFilter* filter) {
  flow::TCPFlags flags;
  for (absl::string_view name : absl::StrSplit(value, ',')) {
    const google::protobuf::FieldDescriptor* field =
        flow::TCPFlags::descriptor()->FindFieldByName(absl::AsciiStrToUpper(name));
    if (field == nullptr) {
      return MustBe("a list of FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, NS");
    }
    flags.GetReflection()->SetBool(&flags, field, true);
  }
  *filter->add_tcp_flags() = flags;
  return absl::OkStatus();
}

absl::Status AddTrafficDirection(const std::string& value, FlowFilter* filter) {
  std::string direction = absl::AsciiStrToLower(value);
  if (direction != "ingress" && direction != "egress") return MustBe("ingress or egress");
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
    {"ip", "", "has this address or is in this CIDR",
     AddSideText<&FlowFilter::mutable_source_ip, &FlowFilter::mutable_destination_ip>},
    {"port", "", "has this port",
     AddSideText<&FlowFilter::mutable_source_port, &FlowFilter::mutable_destination_port>},
    {"pod", "", "is a pod, [namespace/]name prefix",
     AddSideText<&FlowFilter::mutable_source_pod, &FlowFilter::mutable_destination_pod>},
    {"service", "", "is a service, [namespace/]name prefix",
     AddSideText<&FlowFilter::mutable_source_service, &FlowFilter::mutable_destination_service>},
    {"fqdn", "", "has this DNS name, * is a wildcard",
     AddSideText<&FlowFilter::mutable_source_fqdn, &FlowFilter::mutable_destination_fqdn>},
    {"label", "l", "has these labels, e.g. k8s:app=web",
     AddSideText<&FlowFilter::mutable_source_label, &FlowFilter::mutable_destination_label>},
    {"identity", "", "has this security identity, a number or e.g. world", AddIdentity},
    {"workload", "", "is of this workload, [kind/]name", AddWorkload},
    {"cluster", "", "is in this cluster",
     AddSideText<&FlowFilter::mutable_source_cluster_name,
                 &FlowFilter::mutable_destination_cluster_name>},
};

constexpr FlowField kFlowFields[] = {
    {"verdict", "", false, "verdict, e.g. DROPPED", AddVerdict},
    {"drop-reason-desc", "", false, "drop reason, e.g. POLICY_DENIED", AddDropReason},
    {"type", "t", false, "event type TYPE[:SUB], e.g. trace:to-endpoint", AddEventType},
    {"protocol", "", false, "protocol of L4 or L7, e.g. tcp, dns",
     AddText<&FlowFilter::mutable_protocol>},
    {"tcp-flags", "", false, "TCP flags that are all set, e.g. SYN,ACK", AddTcpFlags},
    {"ipv4", "4", true, "IPv4 only", AddIpv4},
    {"ipv6", "6", true, "IPv6 only", AddIpv6},
    {"ip-version", "", false, "v4, v6 or none", AddIpVersion},
    {"snat-ip", "", false, "source address after translation",
     AddText<&FlowFilter::mutable_source_ip_xlated>},
    {"traffic-direction", "", false, "ingress or egress", AddTrafficDirection},
    {"interface", "", false, "name of the interface", AddInterface},
    {"encrypted", "", true, "encrypted packets only", AddEncrypted},
    {"unencrypted", "", true, "packets in the clear only", AddUnencrypted},
    {"node-name", "", false, "[cluster/]node, * is a wildcard",
     AddText<&FlowFilter::mutable_node_name>},
    {"node-label", "", false, "labels of the node", AddText<&FlowFilter::mutable_node_labels>},
    {"uuid", "", false, "one flow", AddText<&FlowFilter::mutable_uuid>},
    {"http-status", "", false, "HTTP status, e.g. 404 or 5+",
     AddText<&FlowFilter::mutable_http_status_code>},
    {"http-method", "", false, "HTTP method", AddText<&FlowFilter::mutable_http_method>},
    {"http-path", "", false, "regular expression over the HTTP path",
     AddText<&FlowFilter::mutable_http_path>},
    {"http-url", "", false, "regular expression over the HTTP URL",
     AddText<&FlowFilter::mutable_http_url>},
    {"http-header", "", false, "HTTP header NAME:VALUE", AddHttpHeader},
    {"trace-id", "", false, "trace id of an HTTP request", AddText<&FlowFilter::mutable_trace_id>},
    {"ip-trace-id", "", false, "trace id in an IP option", AddIpTraceId},
    {"cel-expression", "", false, "CEL expression over _flow", AddCel},
};

}  // namespace

std::span<const SideField> SideFields() { return kSideFields; }

std::span<const FlowField> FlowFields() { return kFlowFields; }

}  // namespace alidade
