// SPDX-License-Identifier: Apache-2.0
#include "parser/icmp_names.h"

namespace alidade {
namespace {

constexpr std::string_view kV4Unreachable[] = {"Net",
                                               "Host",
                                               "Protocol",
                                               "Port",
                                               "FragmentationNeeded",
                                               "SourceRoutingFailed",
                                               "NetUnknown",
                                               "HostUnknown",
                                               "SourceIsolated",
                                               "NetAdminProhibited",
                                               "HostAdminProhibited",
                                               "NetTOS",
                                               "HostTOS",
                                               "CommAdminProhibited",
                                               "HostPrecedence",
                                               "PrecedenceCutoff"};
constexpr std::string_view kV4Redirect[] = {"Net", "Host", "TOS+Net", "TOS+Host"};
constexpr std::string_view kV4Exceeded[] = {"TTLExceeded", "FragmentReassemblyTimeExceeded"};
constexpr std::string_view kV4Problem[] = {"PointerIndicatesError", "MissingOption", "BadLength"};

constexpr IcmpType kV4Types[] = {
    {0, "EchoReply", {}},
    {3, "DestinationUnreachable", kV4Unreachable},
    {4, "SourceQuench", {}},
    {5, "Redirect", kV4Redirect},
    {8, "EchoRequest", {}},
    {9, "RouterAdvertisement", {}},
    {10, "RouterSolicitation", {}},
    {11, "TimeExceeded", kV4Exceeded},
    {12, "ParameterProblem", kV4Problem},
    {13, "TimestampRequest", {}},
    {14, "TimestampReply", {}},
    {15, "InfoRequest", {}},
    {16, "InfoReply", {}},
    {17, "AddressMaskRequest", {}},
    {18, "AddressMaskReply", {}},
};

constexpr std::string_view kV6Unreachable[] = {
    "NoRouteToDst",    "AdminProhibited",        "BeyondScopeOfSrc", "AddressUnreachable",
    "PortUnreachable", "SrcAddressFailedPolicy", "RejectRouteToDst"};
constexpr std::string_view kV6Exceeded[] = {"HopLimitExceeded", "FragmentReassemblyTimeExceeded"};
constexpr std::string_view kV6Problem[] = {"ErroneousHeaderField", "UnrecognizedNextHeader",
                                           "UnrecognizedIPv6Option"};

constexpr IcmpType kV6Types[] = {
    {1, "DestinationUnreachable", kV6Unreachable},
    {2, "PacketTooBig", {}},
    {3, "TimeExceeded", kV6Exceeded},
    {4, "ParameterProblem", kV6Problem},
    {128, "EchoRequest", {}},
    {129, "EchoReply", {}},
    {133, "RouterSolicitation", {}},
    {134, "RouterAdvertisement", {}},
    {135, "NeighborSolicitation", {}},
    {136, "NeighborAdvertisement", {}},
    {137, "Redirect", {}},
};

const IcmpType* Find(std::span<const IcmpType> types, uint8_t type) {
  for (const IcmpType& row : types) {
    if (row.type == type) return &row;
  }
  return nullptr;
}

}  // namespace

const IcmpType* FindIcmpV4Type(uint8_t type) { return Find(kV4Types, type); }
const IcmpType* FindIcmpV6Type(uint8_t type) { return Find(kV6Types, type); }

}  // namespace alidade
