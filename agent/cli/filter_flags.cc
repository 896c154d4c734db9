// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/filter_flags.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/cli/filter_fields.h"
#include "agent/option_values.h"
#include "agent/recording/proto_json.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Names = std::vector<std::string>;
using NameList = google::protobuf::RepeatedPtrField<std::string>;

constexpr char kFrom[] = "from-";
constexpr char kTo[] = "to-";
constexpr char kNamespace[] = "namespace";
constexpr char kAllNamespaces[] = "all-namespaces";

// Flags of a group say the same thing in different ways; --x and --from-x or --to-x do so too.
const std::vector<Names>& ExclusiveGroups() {
  static const auto* const groups = new std::vector<Names>{
      {"from-fqdn", "from-ip", "ip", "fqdn", "from-namespace", "namespace", "from-all-namespaces",
       "all-namespaces"},
      {"to-fqdn", "to-ip", "ip", "fqdn", "to-namespace", "namespace", "to-all-namespaces",
       "all-namespaces"},
      {"from-fqdn", "from-ip", "ip", "fqdn", "from-pod", "pod"},
      {"to-fqdn", "to-ip", "ip", "fqdn", "to-pod", "pod"},
      {"from-pod", "namespace", "all-namespaces"},
      {"to-pod", "namespace", "all-namespaces"},
      {"from-service", "namespace", "all-namespaces"},
      {"to-service", "namespace", "all-namespaces"},
      {"encrypted", "unencrypted"},
  };
  return *groups;
}

std::string WithoutSide(const std::string& name) {
  absl::string_view bare = name;
  if (!absl::ConsumePrefix(&bare, kFrom)) absl::ConsumePrefix(&bare, kTo);
  return std::string(bare);
}

bool Exclude(const std::string& a, const std::string& b) {
  if (a == b) return false;
  if (WithoutSide(a) == b || WithoutSide(b) == a) return true;
  auto has = [](const Names& group, const std::string& name) {
    return std::find(group.begin(), group.end(), name) != group.end();
  };
  return std::any_of(ExclusiveGroups().begin(), ExclusiveGroups().end(),
                     [&](const Names& group) { return has(group, a) && has(group, b); });
}

// Puts each name that has no namespace into each of `namespaces`.
absl::Status AddNamespaces(const Names& namespaces, NameList* names) {
  NameList qualified;
  for (const std::string& name : *names) {
    size_t slash = name.find('/');
    for (const std::string& space : namespaces) {
      if (slash == std::string::npos) *qualified.Add() = absl::StrCat(space, "/", name);
      if (slash != std::string::npos && slash != 0 && name.substr(0, slash) != space) {
        return absl::InvalidArgumentError(absl::StrCat(name, " is not in namespace ", space));
      }
    }
    if (slash != std::string::npos) *qualified.Add() = name;
  }
  names->Swap(&qualified);
  return absl::OkStatus();
}

// A namespace restricts the pods and services of one side; where there are none, it means any pod.
absl::Status RestrictSide(const Names& namespaces, Side side, flow::FlowFilter* filter) {
  if (namespaces.empty()) return absl::OkStatus();
  bool source = side == Side::kSource;
  NameList* pods = source ? filter->mutable_source_pod() : filter->mutable_destination_pod();
  NameList* services =
      source ? filter->mutable_source_service() : filter->mutable_destination_service();
  if (pods->empty() && services->empty()) pods->Add();
  RETURN_IF_ERROR(AddNamespaces(namespaces, pods));
  return AddNamespaces(namespaces, services);
}

// The two filters of one list while the flags are read.
class FilterPair {
 public:
  absl::Status Add(const std::string& name, const std::string& value) {
    for (const std::string& other : seen_) {
      if (Exclude(name, other)) {
        return absl::InvalidArgumentError(
            absl::StrCat("--", other, " and --", name, " cannot be used together"));
      }
    }
    seen_.push_back(name);
    absl::Status status = AddValue(name, value);
    return status.ok() ? status : WithValue("--" + name, value, status);
  }

  // The filters; none when no flag was added.
  absl::StatusOr<FlowFilterList> Finish() {
    FlowFilterList list;
    if (seen_.empty()) return list;
    for (flow::FlowFilter* filter : {&left_, &right_}) {
      RETURN_IF_ERROR(RestrictSide(to_namespaces_, Side::kDestination, filter));
      RETURN_IF_ERROR(RestrictSide(from_namespaces_, Side::kSource, filter));
    }
    RETURN_IF_ERROR(RestrictSide(namespaces_, Side::kSource, &left_));
    RETURN_IF_ERROR(RestrictSide(namespaces_, Side::kDestination, &right_));
    *list.Add() = left_;
    if (left_.SerializeAsString() != right_.SerializeAsString()) *list.Add() = right_;
    return list;
  }

 private:
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
    Side left = absl::StartsWith(name, kTo) ? Side::kDestination : Side::kSource;
    Side right = absl::StartsWith(name, kFrom) ? Side::kSource : Side::kDestination;
    RETURN_IF_ERROR(field.add(value, left, &left_));
    return field.add(value, right, &right_);
  }

  bool AddNamespace(const std::string& name, const std::string& value) {
    std::string bare = WithoutSide(name);
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

void AddValued(CLI::App* app, const std::string& names, const std::string& help) {
  app->add_option(names, CLI::callback_t(), help)
      ->type_name("VALUE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group("Filters");
}

void AddSwitch(CLI::App* app, const std::string& names, const std::string& help) {
  app->add_flag(names, help)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group("Filters");
}

// Whole filters, as JSON.
constexpr char kAllowlist[] = "allowlist";
constexpr char kDenylist[] = "denylist";

absl::Status AddRawFilters(const CLI::App& app, const std::string& name, FlowFilterList* list) {
  for (const std::string& text : app.get_option("--" + name)->results()) {
    const absl::Status status = FromStrictJson(text, list->Add());
    if (status.ok()) continue;
    return absl::InvalidArgumentError(absl::StrCat("invalid --", name, " flag: failed to decode '",
                                                   text, "': ", std::string(status.message())));
  }
  return absl::OkStatus();
}

std::string FlagNames(const std::string& letter, const std::string& name) {
  return letter.empty() ? "--" + name : absl::StrCat("-", letter, ",--", name);
}

}  // namespace

void AddFilterFlags(CLI::App* app) {
  AddSwitch(app, "--not", "turn the next filter flag round");
  for (const SideField& field : SideFields()) {
    AddValued(app, FlagNames(field.letter, field.name), absl::StrCat("one side ", field.meaning));
    AddValued(app, absl::StrCat("--from-", field.name), absl::StrCat("the source ", field.meaning));
    AddValued(app, absl::StrCat("--to-", field.name),
              absl::StrCat("the destination ", field.meaning));
  }
  AddValued(app, "-n,--namespace", "one side is a pod of this namespace");
  AddValued(app, "--from-namespace", "the source is a pod of this namespace");
  AddValued(app, "--to-namespace", "the destination is a pod of this namespace");
  AddSwitch(app, "-A,--all-namespaces", "one side is a pod");
  AddSwitch(app, "--from-all-namespaces", "the source is a pod");
  AddSwitch(app, "--to-all-namespaces", "the destination is a pod");
  for (const FlowField& field : FlowFields()) {
    std::string names = FlagNames(field.letter, field.name);
    field.is_switch ? AddSwitch(app, names, field.meaning) : AddValued(app, names, field.meaning);
  }
  for (const char* name : {kAllowlist, kDenylist}) {
    app->add_option(absl::StrCat("--", name), CLI::callback_t(),
                    absl::StrCat("a FlowFilter in JSON to add to the ", name, " (repeatable)"))
        ->type_name("JSON")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->group("Raw filters");
  }
}

absl::StatusOr<FilterLists> ReadFilterFlags(const CLI::App& app) {
  FilterPair whitelist;
  FilterPair blacklist;
  bool negated = false;
  std::map<const CLI::Option*, size_t> taken;  // values of each flag that were already read
  for (const CLI::Option* option : app.parse_order()) {
    if (option->get_group() != "Filters") continue;
    const std::string& name = option->get_lnames().front();
    if (name == "not") {
      if (negated) return absl::InvalidArgumentError("--not is given twice in a row");
      negated = true;
      continue;
    }
    const std::string& value = option->results()[taken[option]++];
    RETURN_IF_ERROR((negated ? blacklist : whitelist).Add(name, value));
    negated = false;
  }
  if (negated) return absl::InvalidArgumentError("--not needs a filter flag behind it");
  FilterLists lists;
  ASSIGN_OR_RETURN(lists.whitelist, whitelist.Finish());
  ASSIGN_OR_RETURN(lists.blacklist, blacklist.Finish());
  RETURN_IF_ERROR(AddRawFilters(app, kAllowlist, &lists.whitelist));
  RETURN_IF_ERROR(AddRawFilters(app, kDenylist, &lists.blacklist));
  return lists;
}

}  // namespace alidade
