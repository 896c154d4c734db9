// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/raw_filters.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "agent/recording/proto_json.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

constexpr char kAllowlist[] = "allowlist";
constexpr char kDenylist[] = "denylist";

// How many bytes the first JSON object of `text` takes; all of them when it does not end.
size_t ObjectSize(absl::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && (text[i] == '{' || text[i] == '[')) {
      ++depth;
    } else if (!in_string && (text[i] == '}' || text[i] == ']') && --depth <= 0) {
      return i + 1;
    }
  }
  return text.size();
}

absl::Status ReadText(const char* name, const std::string& text, FlowFilterList* list) {
  absl::string_view rest = absl::StripLeadingAsciiWhitespace(text);
  while (!rest.empty()) {
    const size_t size = ObjectSize(rest);
    const absl::Status status = FromStrictJson(std::string(rest.substr(0, size)), list->Add());
    if (!status.ok()) {
      // The parser shows the place in further lines.
      return absl::InvalidArgumentError(
          absl::StrCat("invalid --", name, " flag: failed to decode '", text,
                       "': ", absl::StrReplaceAll(std::string(status.message()), {{"\n", " "}})));
    }
    rest = absl::StripLeadingAsciiWhitespace(rest.substr(size));
  }
  return absl::OkStatus();
}

void AddFlag(FlagSet* set, const char* name, std::vector<std::string>* texts) {
  Flag flag;
  flag.name = name;
  flag.value = "JSON";
  flag.help = absl::StrCat("FlowFilters to add to the ", name, " (repeatable)");
  flag.take = [texts](const std::string& text) {
    texts->push_back(text);
    return absl::OkStatus();
  };
  set->Add(std::move(flag))->takes_many = true;
}

}  // namespace

void AddRawFilterFlags(FlagSet* set, RawFilters* filters) {
  set->Group("Raw filters", /*is_bound=*/true);
  AddFlag(set, kAllowlist, &filters->allowlist);
  AddFlag(set, kDenylist, &filters->denylist);
}

absl::Status ReadRawFilters(const RawFilters& filters, FlowFilterList* whitelist,
                            FlowFilterList* blacklist) {
  for (const std::string& text : filters.allowlist) {
    RETURN_IF_ERROR(ReadText(kAllowlist, text, whitelist));
  }
  for (const std::string& text : filters.denylist) {
    RETURN_IF_ERROR(ReadText(kDenylist, text, blacklist));
  }
  return absl::OkStatus();
}

}  // namespace alidade
