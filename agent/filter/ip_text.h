// SPDX-License-Identifier: Apache-2.0
//
// Reads addresses and prefixes out of filter texts as Go's netip does, because the reasons for
// refusing one are shown to users (contract 5.3).
#ifndef ALIDADE_AGENT_FILTER_IP_TEXT_H_
#define ALIDADE_AGENT_FILTER_IP_TEXT_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "parser/ip_address.h"

namespace alidade {

struct ParsedIp {
  IpAddress address;
  bool has_zone = false;  // IPv6 only; the zone itself is not kept
};

struct IpPrefix {
  IpAddress address;  // host bits are allowed and ignored
  unsigned bits = 0;

  // Whether `other` has the same version and lies inside.
  bool Contains(const IpAddress& other) const;
};

// Errors: UNKNOWN, `ParseAddr("<text>"): <reason>`.
absl::StatusOr<ParsedIp> ParseIpText(std::string_view text);

// Errors: UNKNOWN, `netip.ParsePrefix("<text>"): <reason>`.
absl::StatusOr<IpPrefix> ParsePrefixText(std::string_view text);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_IP_TEXT_H_
