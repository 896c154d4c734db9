// SPDX-License-Identifier: Apache-2.0
//
// source_ip, destination_ip, source_ip_xlated (contract 5.3). A text with a slash is a prefix; one
// without matches the flow's text, byte for byte. The header holds addresses as numbers, whose
// text is the canonical one: so a filter text that is not canonical never matches a header.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"
#include "agent/filter/ip_text.h"
#include "agent/filter/predicate.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

// The alternatives of one field.
class IpSet {
 public:
  absl::Status Add(const std::string& text) {
    if (text.find('/') != std::string::npos) {
      const absl::StatusOr<IpPrefix> prefix = ParsePrefixText(text);
      if (!prefix.ok()) return Error("prefix", text, prefix.status());
      prefixes_.push_back(*prefix);
      return absl::OkStatus();
    }
    const absl::StatusOr<ParsedIp> ip = ParseIpText(text);
    if (!ip.ok()) return Error("address", text, ip.status());
    texts_.push_back(text);
    if (!ip->has_zone && ip->address.ToString() == text) addresses_.push_back(ip->address);
    return absl::OkStatus();
  }

  // An address of the header, in the form that its text stands for.
  bool HasAddress(const IpAddress& address) const {
    return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end() ||
           InPrefix(address);
  }

  // The text of an encoded flow; empty matches nothing.
  bool HasText(std::string_view text) const {
    if (std::find(texts_.begin(), texts_.end(), text) != texts_.end()) return true;
    if (prefixes_.empty() || text.empty()) return false;
    const absl::StatusOr<ParsedIp> ip = ParseIpText(text);
    return ip.ok() && !ip->has_zone && InPrefix(ip->address);
  }

 private:
  static absl::Status Error(std::string_view what, const std::string& text,
                            const absl::Status& cause) {
    return absl::UnknownError(
        Concat("invalid IP ", what, " ", GoQuote(text), " in filter: ", cause.message()));
  }

  bool InPrefix(const IpAddress& address) const {
    return std::any_of(prefixes_.begin(), prefixes_.end(),
                       [&](const IpPrefix& prefix) { return prefix.Contains(address); });
  }

  std::vector<std::string> texts_;
  std::vector<IpAddress> addresses_;
  std::vector<IpPrefix> prefixes_;
};

absl::Status Compile(const Texts& texts, IpSet* set) {
  for (const std::string& text : texts) {
    RETURN_IF_ERROR(set->Add(text));
  }
  return absl::OkStatus();
}

// An address text of the encoded flow; `field` is a member of flow.IP.
std::string_view AddressText(StoredEvent& event, int field) {
  const std::optional<std::string_view> ip = event.Bytes(flow::Flow::kIPFieldNumber);
  if (!ip) return {};
  return FindBytes(*ip, static_cast<uint32_t>(field)).value_or("");
}

class AddressPredicate final : public Predicate {
 public:
  AddressPredicate(Side side, IpSet set) : side_(side), set_(std::move(set)) {}

  bool MatchesFlow(StoredEvent& event) override {
    const FlowHeader& header = event.header();
    const bool source = side_ == Side::kSource;
    const IpAddress address{source ? header.source_ip : header.destination_ip,
                            static_cast<IpVersion>(header.ip_version)};
    if (address.valid() && !address.is_unspecified()) return set_.HasAddress(address.Unmapped());
    return set_.HasText(AddressText(
        event, source ? flow::IP::kSourceFieldNumber : flow::IP::kDestinationFieldNumber));
  }
  // Nearly: only what the header leaves out is looked up in the bytes.
  bool header_only() const override { return true; }

 private:
  const Side side_;
  const IpSet set_;
};

}  // namespace

absl::Status CompileIp(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                       PredicateList* out) {
  IpSet source;
  IpSet destination;
  IpSet translated;
  const struct {
    const Texts& texts;
    IpSet* set;
  } fields[] = {{filter.source_ip(), &source},
                {filter.destination_ip(), &destination},
                {filter.source_ip_xlated(), &translated}};
  for (const auto& field : fields) {
    RETURN_IF_ERROR(Compile(field.texts, field.set));
  }
  if (!filter.source_ip().empty()) {
    out->push_back(std::make_unique<AddressPredicate>(Side::kSource, std::move(source)));
  }
  if (!filter.destination_ip().empty()) {
    out->push_back(std::make_unique<AddressPredicate>(Side::kDestination, std::move(destination)));
  }
  if (!filter.source_ip_xlated().empty()) {
    out->push_back(OnFlow([set = std::move(translated)](StoredEvent& event) {
      return set.HasText(AddressText(event, flow::IP::kSourceXlatedFieldNumber));
    }));
  }
  return absl::OkStatus();
}

}  // namespace alidade
