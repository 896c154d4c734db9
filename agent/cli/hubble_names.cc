// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/hubble_names.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/cli/flag_values.h"
#include "parser/drop_reason_text.h"

namespace alidade {
namespace {

constexpr std::pair<const char*, int32_t> kEventTypes[] = {
    {"capture", kEventCapture},
    {"drop", kEventDrop},
    {"l7", 129},
    {"policy-verdict", kEventPolicyVerdict},
    {"trace", kEventTrace},
    {"trace-sock", kEventSock},
    {"debug", 2},
    {"agent", kEventAgent},
};

// The index is the sub type.
constexpr const char* kTracePoints[] = {
    "to-endpoint",   "to-proxy",   "to-host",     "to-stack",   "to-overlay",
    "from-endpoint", "from-proxy", "from-host",   "from-stack", "from-overlay",
    "from-network",  "to-network", "from-crypto", "to-crypto",
};

// The index is the number that Cilium's monitor has for it, which is not AgentEventType.
constexpr const char* kAgentEvents[] = {
    "unspecified",
    "message",
    "agent-started",
    "endpoint-regenerate-success",
    "endpoint-regenerate-failure",
    "policy-updated",
    "policy-deleted",
    "endpoint-created",
    "endpoint-deleted",
    "ipcache-upserted",
    "ipcache-deleted",
};

// The index is Flow.policy_match_type.
constexpr const char* kPolicyMatches[] = {"none", "L3-Only",  "L3-L4",     "L4-Only",
                                          "all",  "L3-Proto", "Proto-Only"};

// The index is the identity.
constexpr const char* kReservedIdentities[] = {
    "unknown",     "host",           "world",   "unmanaged",  "health",    "init",
    "remote-node", "kube-apiserver", "ingress", "world-ipv4", "world-ipv6"};

template <size_t N>
std::optional<uint32_t> IndexOf(const char* const (&names)[N], const std::string& name) {
  const auto* found = std::find(std::begin(names), std::end(names), std::string_view(name));
  if (found == std::end(names)) return std::nullopt;
  return static_cast<uint32_t>(found - std::begin(names));
}

}  // namespace

std::optional<int32_t> EventTypeByName(const std::string& name) {
  for (const auto& [known, type] : kEventTypes) {
    if (name == known) return type;
  }
  return std::nullopt;
}

std::string TracePointText(uint8_t sub_type) {
  return sub_type < std::size(kTracePoints) ? kTracePoints[sub_type] : absl::StrCat(sub_type);
}

std::optional<int32_t> TracePointByName(const std::string& name) {
  return IndexOf(kTracePoints, name);
}

std::optional<int32_t> AgentEventByName(const std::string& name) {
  return IndexOf(kAgentEvents, name);
}

std::string DropReasonText(uint8_t reason) {
  const std::string_view text = FindDropReasonText(reason);
  return text.empty() ? absl::StrCat(reason, ", 0") : std::string(text);
}

std::string PolicyMatchText(uint32_t match_type) {
  return match_type < std::size(kPolicyMatches) ? kPolicyMatches[match_type] : "unknown";
}

std::string IdentityText(uint32_t identity) {
  if (identity < std::size(kReservedIdentities)) {
    return absl::StrCat("(", kReservedIdentities[identity], ")");
  }
  return absl::StrCat("(ID:", identity, ")");
}

std::vector<std::string> ReservedIdentityNames() {
  return {std::begin(kReservedIdentities) + 1, std::end(kReservedIdentities)};
}

std::optional<uint32_t> ParseIdentity(const std::string& text) {
  const std::optional<uint32_t> reserved = IndexOf(kReservedIdentities, text);
  if (reserved && *reserved != 0) return reserved;
  const absl::StatusOr<uint64_t> number = ParseGoUint(text, 0, 32);
  if (!number.ok()) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

}  // namespace alidade
