// SPDX-License-Identifier: Apache-2.0
//
// Names of ICMP and ICMPv6 types and codes, as Hubble spells them.
#ifndef ALIDADE_PARSER_ICMP_NAMES_H_
#define ALIDADE_PARSER_ICMP_NAMES_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace alidade {

struct IcmpType {
  uint8_t type;
  std::string_view name;
  std::span<const std::string_view> codes;  // names by code; empty when codes have none
};

// Null for a type without a name.
const IcmpType* FindIcmpV4Type(uint8_t type);  // RFC 792, 950, 1256
const IcmpType* FindIcmpV6Type(uint8_t type);  // RFC 4443, 4861

}  // namespace alidade

#endif  // ALIDADE_PARSER_ICMP_NAMES_H_
