// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/label_selector.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/numbers.h"
#include "agent/filter/concat.h"
#include "agent/filter/label_syntax.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Operator = LabelRequirement::Operator;

constexpr std::string_view kAnySource = "any";
constexpr std::string_view kCidrSource = "cidr";
constexpr std::string_view kReservedSource = "reserved";
constexpr std::string_view kUnspecifiedSource = "unspec";
constexpr std::string_view kReservedPrefix = "reserved.";

// The prefix that a cidr label's key stands for; `-` is its way to write a colon.
std::optional<IpPrefix> CidrOf(std::string_view key) {
  std::string text(key);
  std::replace(text.begin(), text.end(), '-', ':');
  const absl::StatusOr<IpPrefix> prefix = ParsePrefixText(text);
  if (!prefix.ok()) return std::nullopt;
  return *prefix;
}

bool KeyFits(const LabelRequirement& wanted, const LabelView& label) {
  if (wanted.source == kAnySource || wanted.source == kUnspecifiedSource) {
    return label.key == wanted.key;
  }
  if (label.source != wanted.source) return false;
  if (wanted.prefix) {
    const std::optional<IpPrefix> cidr = CidrOf(label.key);
    if (cidr) return cidr->bits >= wanted.prefix->bits && wanted.prefix->Contains(cidr->address);
  }
  return label.key == wanted.key;
}

// The value that counts: of the first in key order, if several labels have the key.
std::optional<std::string_view> ValueOf(const LabelRequirement& wanted,
                                        const std::vector<LabelView>& labels) {
  const LabelView* found = nullptr;
  for (const LabelView& label : labels) {
    if (KeyFits(wanted, label) && (found == nullptr || label.key < found->key)) found = &label;
  }
  if (found == nullptr) return std::nullopt;
  return found->value;
}

bool Holds(const LabelRequirement& wanted, const std::vector<LabelView>& labels) {
  const std::optional<std::string_view> value = ValueOf(wanted, labels);
  switch (wanted.op) {
    case Operator::kExists:
      return value.has_value();
    case Operator::kAbsent:
      return !value;
    case Operator::kIn:
      return value && wanted.values.count(std::string(*value)) != 0;
    case Operator::kNotIn:
      return !value || wanted.values.count(std::string(*value)) == 0;
    case Operator::kGreater:
    case Operator::kLess:
      break;
  }
  const std::optional<int64_t> number = value ? ParseLabelInteger(*value) : std::nullopt;
  if (!number) return false;
  return wanted.op == Operator::kGreater ? *number > wanted.bound : *number < wanted.bound;
}

}  // namespace

LabelView ParseLabel(std::string_view text) {
  LabelView label{kUnspecifiedSource, text, {}};
  if (text.starts_with('$')) {
    label = {kReservedSource, text.substr(1), {}};
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    label.key = text.substr(colon + 1);
    if (colon > 0) label.source = text.substr(0, colon);
  } else if (text.starts_with(kReservedPrefix)) {
    label = {kReservedSource, text.substr(kReservedPrefix.size()), {}};
  }
  const size_t equals = label.key.find('=');
  if (equals == std::string_view::npos) return label;
  if (equals == 0 && label.source == kReservedSource) {
    label.key.remove_prefix(1);
    return label;
  }
  label.value = label.key.substr(equals + 1);
  label.key = label.key.substr(0, equals);
  return label;
}

absl::StatusOr<LabelSelector> LabelSelector::Parse(std::string_view text) {
  LabelSelector selector;
  ASSIGN_OR_RETURN(selector.requirements_, ParseLabelSelector(text));
  for (LabelRequirement& requirement : selector.requirements_) {
    if (requirement.source == kCidrSource) requirement.prefix = CidrOf(requirement.key);
  }
  return selector;
}

bool LabelSelector::Matches(const std::vector<LabelView>& labels) const {
  return std::all_of(
      requirements_.begin(), requirements_.end(),
      [&](const LabelRequirement& requirement) { return Holds(requirement, labels); });
}

}  // namespace alidade
