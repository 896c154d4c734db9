// SPDX-License-Identifier: Apache-2.0
//
// protocol: names of L4 and L7 protocols, in any case, as alternatives.
#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"
#include "agent/filter/predicate.h"

namespace alidade {
namespace {

constexpr uint32_t Bit(L4Protocol protocol) { return 1u << static_cast<unsigned>(protocol); }

struct ProtocolName {
  std::string_view name;
  uint32_t l4_bits;  // set of L4Protocol
  int l7_field;      // member of flow.Layer7, 0: none
};

constexpr ProtocolName kNames[] = {
    {"icmp", Bit(L4Protocol::kIcmpV4) | Bit(L4Protocol::kIcmpV6), 0},
    {"icmpv4", Bit(L4Protocol::kIcmpV4), 0},
    {"icmpv6", Bit(L4Protocol::kIcmpV6), 0},
    {"tcp", Bit(L4Protocol::kTcp), 0},
    {"udp", Bit(L4Protocol::kUdp), 0},
    {"sctp", Bit(L4Protocol::kSctp), 0},
    {"vrrp", Bit(L4Protocol::kVrrp), 0},
    {"igmp", Bit(L4Protocol::kIgmp), 0},
    {"dns", 0, flow::Layer7::kDnsFieldNumber},
    {"http", 0, flow::Layer7::kHttpFieldNumber},
    {"kafka", 0, flow::Layer7::kKafkaFieldNumber},
};

class ProtocolPredicate final : public Predicate {
 public:
  void Add(const ProtocolName& name) {
    l4_bits_ |= name.l4_bits;
    if (name.l7_field != 0) l7_fields_.push_back(name.l7_field);
  }

  bool MatchesFlow(StoredEvent& event) override {
    const L4Protocol l4 = event.header().l4_protocol;
    if (l4 != L4Protocol::kNone && (l4_bits_ & Bit(l4)) != 0) return true;
    // Our parser gives a flow with an L7 record its type; others may leave the type out.
    const uint8_t type = event.header().type;
    if (l7_fields_.empty() || (type != flow::L7 && type != flow::UNKNOWN_TYPE)) return false;
    const std::optional<std::string_view> l7 = event.Bytes(flow::Flow::kL7FieldNumber);
    return l7 && std::any_of(l7_fields_.begin(), l7_fields_.end(), [&](int field) {
             return FindBytes(*l7, static_cast<uint32_t>(field)).has_value();
           });
  }
  bool header_only() const override { return l7_fields_.empty(); }

 private:
  uint32_t l4_bits_ = 0;
  std::vector<int> l7_fields_;
};

}  // namespace

absl::Status CompileProtocol(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                             PredicateList* out) {
  if (filter.protocol().empty()) return absl::OkStatus();
  auto predicate = std::make_unique<ProtocolPredicate>();
  for (const std::string& text : filter.protocol()) {
    const std::string lower = absl::AsciiStrToLower(text);
    const auto* row = std::find_if(std::begin(kNames), std::end(kNames),
                                   [&](const ProtocolName& name) { return name.name == lower; });
    if (row == std::end(kNames)) {
      return absl::UnknownError(
          Concat("invalid protocol filter: unknown protocol: ", GoQuote(text)));
    }
    predicate->Add(*row);
  }
  out->push_back(std::move(predicate));
  return absl::OkStatus();
}

}  // namespace alidade
