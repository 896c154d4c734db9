// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/filter_flags.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "agent/cli/filter_fields.h"
#include "agent/filter/go_text.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Names = std::vector<std::string>;
using NameList = google::protobuf::RepeatedPtrField<std::string>;

constexpr char kFrom[] = "from-";
constexpr char kTo[] = "to-";
constexpr char kNamespace[] = "namespace";
constexpr char kAllNamespaces[] = "all-namespaces";

// Flags of a group say the same thing in different ways. The first pair that is given together is
// named in the error, hence the order.
const std::vector<Names>& ExclusiveGroups() {
  static const auto* const groups = new std::vector<Names>{
      {"from-fqdn", "from-ip", "ip", "fqdn", "from-namespace", "namespace", "from-all-namespaces",
       "all-namespaces"},
      {"from-fqdn", "from-ip", "ip", "fqdn", "from-pod", "pod"},
      {"to-fqdn", "to-ip", "ip", "fqdn", "to-namespace", "namespace", "to-all-namespaces",
       "all-namespaces"},
      {"to-fqdn", "to-ip", "ip", "fqdn", "to-pod", "pod"},
      {"to-pod", "namespace", "all-namespaces"},
      {"from-pod", "namespace", "all-namespaces"},
      {"to-service", "namespace", "all-namespaces"},
      {"from-service", "namespace", "all-namespaces"},
      {"label", "from-label"},
      {"label", "to-label"},
      {"service", "from-service"},
      {"service", "to-service"},
      {"port", "to-port"},
      {"port", "from-port"},
      {"identity", "to-identity"},
      {"identity", "from-identity"},
      {"workload", "to-workload"},
      {"workload", "from-workload"},
      {"encrypted", "unencrypted"},
  };
  return *groups;
}

std::string WithoutSide(const std::string& name) {
  absl::string_view bare = name;
  if (!absl::ConsumePrefix(&bare, kFrom)) absl::ConsumePrefix(&bare, kTo);
  return std::string(bare);
}

// Of `[namespace/]name`; empty: none.
std::string NamespaceOf(const std::string& name) {
  const size_t slash = name.find('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

// Puts each name that has no namespace into each of `namespaces`.
void AddNamespaces(const Names& namespaces, NameList* names) {
  NameList qualified;
  for (const std::string& name : *names) {
    if (absl::StrContains(name, "/")) {
      *qualified.Add() = name;
      continue;
    }
    for (const std::string& space : namespaces) *qualified.Add() = absl::StrCat(space, "/", name);
  }
  names->Swap(&qualified);
}

// A namespace restricts the pods and services of one side; where there are none, it means any pod.
void RestrictSide(const Names& namespaces, Side side, flow::FlowFilter* filter) {
  if (namespaces.empty()) return;
  const bool source = side == Side::kSource;
  NameList* pods = source ? filter->mutable_source_pod() : filter->mutable_destination_pod();
  NameList* services =
      source ? filter->mutable_source_service() : filter->mutable_destination_service();
  if (pods->empty() && services->empty()) pods->Add();
  AddNamespaces(namespaces, pods);
  AddNamespaces(namespaces, services);
}

// Adds to `problems` the first of `names` that is in none of `namespaces`.
void CheckNamespaces(const Names& namespaces, const NameList& names, Names* problems) {
  for (const std::string& space : namespaces) {
    for (const std::string& name : names) {
      const std::string own = NamespaceOf(name);
      if (own.empty() || own == space) continue;
      problems->push_back(absl::StrCat("namespace conflict: ", GoQuote(space), " does not contain ",
                                       GoQuote(name)));
      return;
    }
  }
}

// Likewise the first service that is in another namespace than a pod of the same side.
void CheckServices(const NameList& pods, const NameList& services, Names* problems) {
  for (const std::string& pod : pods) {
    const std::string space = NamespaceOf(pod);
    for (const std::string& service : services) {
      if (space.empty() || NamespaceOf(service) == space) continue;
      problems->push_back(absl::StrCat("namespace of service ", GoQuote(service),
                                       " conflict with pod ", GoQuote(space)));
      return;
    }
  }
}

}  // namespace

// The two filters of one list while the flags are read.
class FilterFlags::Pair {
 public:
  absl::Status Add(const std::string& name, const std::string& value) {
    if (std::find(seen_.begin(), seen_.end(), name) == seen_.end()) seen_.push_back(name);
    RETURN_IF_ERROR(CheckTogether());
    RETURN_IF_ERROR(AddValue(name, value));
    RETURN_IF_ERROR(CheckAllNamespaces(left_));
    return CheckAllNamespaces(right_);
  }

  // The filters; none when no flag was added.
  FlowFilterList Finish() {
    FlowFilterList list;
    if (seen_.empty()) return list;
    for (flow::FlowFilter* filter : {&left_, &right_}) {
      RestrictSide(to_namespaces_, Side::kDestination, filter);
      RestrictSide(from_namespaces_, Side::kSource, filter);
    }
    RestrictSide(namespaces_, Side::kSource, &left_);
    RestrictSide(namespaces_, Side::kDestination, &right_);
    *list.Add() = left_;
    if (left_.SerializeAsString() != right_.SerializeAsString()) *list.Add() = right_;
    return list;
  }

 private:
  absl::Status CheckTogether() const {
    const auto is_seen = [this](const std::string& name) {
      return std::find(seen_.begin(), seen_.end(), name) != seen_.end();
    };
    for (const Names& group : ExclusiveGroups()) {
      const auto first = std::find_if(group.begin(), group.end(), is_seen);
      if (first == group.end()) continue;
      const auto second = std::find_if(first + 1, group.end(), is_seen);
      if (second == group.end()) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("filters --", *first, " and --", *second, " cannot be combined"));
    }
    return absl::OkStatus();
  }

  absl::Status CheckAllNamespaces(const flow::FlowFilter& filter) const {
    Names problems;
    CheckNamespaces(namespaces_, filter.source_pod(), &problems);
    CheckNamespaces(namespaces_, filter.source_service(), &problems);
    CheckNamespaces(namespaces_, filter.destination_pod(), &problems);
    CheckNamespaces(namespaces_, filter.destination_service(), &problems);
    CheckNamespaces(from_namespaces_, filter.source_pod(), &problems);
    CheckNamespaces(from_namespaces_, filter.source_service(), &problems);
    CheckNamespaces(to_namespaces_, filter.destination_pod(), &problems);
    CheckNamespaces(to_namespaces_, filter.destination_service(), &problems);
    CheckServices(filter.source_pod(), filter.source_service(), &problems);
    CheckServices(filter.destination_pod(), filter.destination_service(), &problems);
    return problems.empty() ? absl::OkStatus()
                            : absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  }

  absl::Status AddValue(const std::string& name, const std::string& value) {
    if (AddNamespace(name, value)) return absl::OkStatus();
    for (const FlowField& field : FlowFields()) {
      if (name != field.name) continue;
      RETURN_IF_ERROR(field.add(value, &left_));
      return field.add(value, &right_);
    }
    for (const SideField& field : SideFields()) {
      if (WithoutSide(name) == field.name) return AddSide(field, name, value);
    }
    return absl::InternalError("is no filter");
  }

  absl::Status AddSide(const SideField& field, const std::string& name, const std::string& value) {
    const Side left = absl::StartsWith(name, kTo) ? Side::kDestination : Side::kSource;
    const Side right = absl::StartsWith(name, kFrom) ? Side::kSource : Side::kDestination;
    RETURN_IF_ERROR(field.add(value, left, &left_));
    return field.add(value, right, &right_);
  }

  bool AddNamespace(const std::string& name, const std::string& value) {
    const std::string bare = WithoutSide(name);
    if (bare != kNamespace && bare != kAllNamespaces) return false;
    Names& namespaces = absl::StartsWith(name, kFrom) ? from_namespaces_
                        : absl::StartsWith(name, kTo) ? to_namespaces_
                                                      : namespaces_;
    namespaces.push_back(bare == kNamespace ? value : "");
    return true;
  }

  flow::FlowFilter left_;
  flow::FlowFilter right_;
  Names namespaces_;
  Names from_namespaces_;
  Names to_namespaces_;
  Names seen_;
};

FilterFlags::FilterFlags(FlagSet* set)
    : whitelist_(std::make_unique<Pair>()), blacklist_(std::make_unique<Pair>()) {
  set->Group("Filters");
  Add(set, '\0', "not", "true", "turn the next filter flag round");
  AddSides(set);
  for (const FlowField& field : FlowFields()) {
    Add(set, field.letter, field.name, field.alone, field.meaning);
  }
  AddRawFilterFlags(set, &raw_);
}

FilterFlags::~FilterFlags() = default;

void FilterFlags::Add(FlagSet* set, char letter, const std::string& name, const char* alone,
                      const std::string& help) {
  Flag flag;
  flag.name = name;
  flag.letter = letter;
  flag.value = *alone == '\0' ? "VALUE" : "";
  flag.help = help;
  flag.alone = alone;
  flag.take = [this, name](const std::string& value) { return Take(name, value); };
  set->Add(std::move(flag));
}

void FilterFlags::AddSides(FlagSet* set) {
  for (const SideField& field : SideFields()) {
    const std::string name = field.name;
    Add(set, field.letter, name, "", absl::StrCat("one side ", field.meaning));
    Add(set, '\0', kFrom + name, "", absl::StrCat("the source ", field.meaning));
    Add(set, '\0', kTo + name, "", absl::StrCat("the destination ", field.meaning));
  }
  const std::string from = kFrom;
  const std::string to = kTo;
  Add(set, 'n', kNamespace, "", "one side is a pod of this namespace");
  Add(set, '\0', from + kNamespace, "", "the source is a pod of this namespace");
  Add(set, '\0', to + kNamespace, "", "the destination is a pod of this namespace");
  Add(set, 'A', kAllNamespaces, "true", "one side is a pod");
  Add(set, '\0', from + kAllNamespaces, "true", "the source is a pod");
  Add(set, '\0', to + kAllNamespaces, "true", "the destination is a pod");
}

absl::Status FilterFlags::Take(const std::string& name, const std::string& value) {
  if (name == "not") {
    if (std::exchange(is_negated_, true)) {
      return absl::InvalidArgumentError("consecutive --not statements");
    }
    return absl::OkStatus();
  }
  return (std::exchange(is_negated_, false) ? blacklist_ : whitelist_)->Add(name, value);
}

absl::StatusOr<FilterLists> FilterFlags::Finish() {
  if (is_negated_) return absl::InvalidArgumentError("trailing --not found in the arguments");
  FilterLists lists{whitelist_->Finish(), blacklist_->Finish()};
  RETURN_IF_ERROR(ReadRawFilters(raw_, &lists.whitelist, &lists.blacklist));
  return lists;
}

}  // namespace alidade
