// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/flow_text.h"

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/cli/color.h"
#include "agent/cli/hubble_names.h"
#include "agent/cli/text.h"
#include "agent/cli/time_text.h"
#include "agent/filter/stored_event.h"

namespace alidade {
namespace {

// The name of an enum value, or its number when this program does not know it.
template <typename Enum>
std::string EnumText(Enum value) {
  const google::protobuf::EnumValueDescriptor* known =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  return known != nullptr ? known->name() : absl::StrCat(static_cast<int>(value));
}

uint32_t Port(const flow::Layer4& l4, Side side) {
  auto choose = [side](const auto& layer) {
    return side == Side::kSource ? layer.source_port() : layer.destination_port();
  };
  switch (l4.protocol_case()) {
    case flow::Layer4::kTCP:
      return choose(l4.tcp());
    case flow::Layer4::kUDP:
      return choose(l4.udp());
    case flow::Layer4::kSCTP:
      return choose(l4.sctp());
    default:
      return 0;
  }
}

std::string InNamespace(const std::string& space, const std::string& name) {
  return space.empty() ? name : absl::StrCat(space, "/", name);
}

// All that the host column of one side is made of.
struct HostParts {
  const std::string* ip;
  const flow::Endpoint* endpoint;
  const flow::Service* service;  // null: none
  const google::protobuf::RepeatedPtrField<std::string>* names;
  uint32_t port;
};

std::string HostText(const HostParts& parts, const FlowTextOptions& options) {
  // The namespace of a service goes before the one of the pod behind it.
  const std::string& space =
      parts.service != nullptr ? parts.service->namespace_() : parts.endpoint->namespace_();
  std::string host = *parts.ip;
  if (options.translate_ip) {
    if (!parts.endpoint->pod_name().empty()) {
      host = InNamespace(space, parts.endpoint->pod_name());
    } else if (parts.service != nullptr && !parts.service->name().empty()) {
      host = InNamespace(space, parts.service->name());
    } else if (!parts.names->empty()) {
      host = absl::StrJoin(*parts.names, ",");
    }
  }
  host = EscapeForTerminal(host);
  if (parts.port != 0) {
    if (absl::StrContains(host, ":")) host = absl::StrCat("[", host, "]");
    absl::StrAppend(&host, ":", Paint(absl::StrCat(parts.port), Color::kYellow, options.color));
  }
  return Paint(host, Color::kCyan, options.color);
}

std::string MacText(const std::string& address, const FlowTextOptions& options) {
  return Paint(EscapeForTerminal(address), Color::kCyan, options.color);
}

std::string L7TypeText(const flow::Layer7& l7) {
  std::string type = absl::AsciiStrToLower(EnumText(l7.type()));
  switch (l7.record_case()) {
    case flow::Layer7::kHttp:
      return "http-" + type;
    case flow::Layer7::kDns:
      return absl::StrCat("dns-", type, " ", EscapeForTerminal(l7.dns().observation_source()));
    case flow::Layer7::kKafka:
      return "kafka-" + type;
    default:
      return "l7-" + type;
  }
}

std::string SockPointText(flow::SocketTranslationPoint point) {
  switch (point) {
    case flow::SOCK_XLATE_POINT_PRE_DIRECTION_FWD:
      return "pre-xlate-fwd";
    case flow::SOCK_XLATE_POINT_POST_DIRECTION_FWD:
      return "post-xlate-fwd";
    case flow::SOCK_XLATE_POINT_PRE_DIRECTION_REV:
      return "pre-xlate-rev";
    case flow::SOCK_XLATE_POINT_POST_DIRECTION_REV:
      return "post-xlate-rev";
    default:
      return EnumText(point);
  }
}

// ` BY name (kind), ...` of the policies that decided in the flow's direction.
std::string PolicyNames(const flow::Flow& flow, const FlowTextOptions& options) {
  if (!options.policy_names) return "";
  const bool denied = flow.verdict() == flow::DROPPED || flow.verdict() == flow::ERROR;
  const google::protobuf::RepeatedPtrField<flow::Policy> none;
  const auto& policies = flow.traffic_direction() == flow::EGRESS
                             ? (denied ? flow.egress_denied_by() : flow.egress_allowed_by())
                         : flow.traffic_direction() == flow::INGRESS
                             ? (denied ? flow.ingress_denied_by() : flow.ingress_allowed_by())
                             : none;
  std::string text;
  for (const flow::Policy& policy : policies) {
    if (policy.name().empty() || policy.kind().empty()) continue;
    absl::StrAppend(&text, text.empty() ? " BY " : ", ", policy.name(), " (", policy.kind(), ")");
  }
  return EscapeForTerminal(text);
}

// The field is deprecated, and what every client prints.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
const std::string& DeprecatedSummary(const flow::Flow& flow) { return flow.summary(); }
#pragma GCC diagnostic pop

}  // namespace

std::string SourceText(const flow::Flow& flow, const FlowTextOptions& options) {
  if (!flow.has_ip()) return MacText(flow.ethernet().source(), options);
  return HostText({&flow.ip().source(), &flow.source(),
                   flow.has_source_service() ? &flow.source_service() : nullptr,
                   &flow.source_names(), Port(flow.l4(), Side::kSource)},
                  options);
}

std::string DestinationText(const flow::Flow& flow, const FlowTextOptions& options) {
  if (!flow.has_ip()) return MacText(flow.ethernet().destination(), options);
  return HostText({&flow.ip().destination(), &flow.destination(),
                   flow.has_destination_service() ? &flow.destination_service() : nullptr,
                   &flow.destination_names(), Port(flow.l4(), Side::kDestination)},
                  options);
}

std::string FlowTypeText(const flow::Flow& flow) {
  if (flow.has_l7()) return L7TypeText(flow.l7());
  auto sub_type = static_cast<uint8_t>(flow.event_type().sub_type());
  switch (flow.event_type().type()) {
    case kEventTrace:
      return TracePointText(sub_type);
    case kEventDrop:
      return DropReasonText(sub_type);
    case kEventPolicyVerdict:
      return absl::StrCat("policy-verdict:", PolicyMatchText(flow.policy_match_type()), " ",
                          EnumText(flow.traffic_direction()));
    case kEventCapture:
      return EnumText(flow.debug_capture_point());
    case kEventSock:
      return SockPointText(flow.sock_xlate_point());
    default:
      return "UNKNOWN";
  }
}

std::string VerdictText(const flow::Flow& flow, const FlowTextOptions& options) {
  const bool of_policy = flow.event_type().type() == kEventPolicyVerdict;
  const auto paint = [&](const std::string& text, Color color) {
    return Paint(text, color, options.color);
  };
  switch (flow.verdict()) {
    case flow::FORWARDED:
    case flow::REDIRECTED:
      return paint(of_policy ? "ALLOWED" + PolicyNames(flow, options) : EnumText(flow.verdict()),
                   Color::kGreen);
    case flow::DROPPED:
    case flow::ERROR:
      return paint(of_policy ? "DENIED" + PolicyNames(flow, options) : EnumText(flow.verdict()),
                   Color::kRed);
    case flow::AUDIT:
      return paint(of_policy ? "AUDITED" : EnumText(flow.verdict()), Color::kYellow);
    case flow::TRACED:
    case flow::TRANSLATED:
      return paint(EnumText(flow.verdict()), Color::kYellow);
    default:
      return EnumText(flow.verdict());
  }
}

std::string SummaryText(const flow::Flow& flow, const FlowTextOptions& options) {
  std::string text;
  if (flow.ip_trace_id().trace_id() > 0) {
    absl::StrAppend(&text, "IP Trace ID: ", flow.ip_trace_id().trace_id(), "; ");
  }
  text += EscapeForTerminal(DeprecatedSummary(flow));
  if (flow.auth_type() != flow::DISABLED) {
    const Color color = flow.auth_type() == flow::TEST_ALWAYS_FAIL ? Color::kRed : Color::kGreen;
    absl::StrAppend(&text, "; Auth: ", Paint(EnumText(flow.auth_type()), color, options.color));
  }
  return text;
}

std::string LostNodeText(const std::string& name) {
  return name.empty() ? "-" : EscapeForTerminal(name);
}

std::string LostSourceText(const flow::LostEvent& lost) { return EnumText(lost.source()); }

std::string LostSpanText(const flow::LostEvent& lost, const FlowTextOptions& options) {
  if (!lost.has_first() || !lost.has_last()) return "";
  return absl::StrCat(" (first: ", TimestampText(&lost.first(), options.time_format),
                      ", last: ", TimestampText(&lost.last(), options.time_format), ")");
}

}  // namespace alidade
