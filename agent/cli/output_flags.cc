// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/output_flags.h"

#include <algorithm>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/option_values.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// Whether HUBBLE_COMPAT, a list, has this word.
bool WantsLegacyJson(const Environment& environment) {
  const char* const compatible = environment("HUBBLE_COMPAT");
  if (compatible == nullptr) return false;
  const std::vector<std::string> words = absl::StrSplit(compatible, ',');
  return std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return absl::EqualsIgnoreCase(word, "legacy-json-output");
  });
}

absl::StatusOr<OutputFormat> ParseFormat(const std::string& name, const Environment& environment) {
  if (name == "compact") return OutputFormat::kCompact;
  if (name == "dict") return OutputFormat::kDict;
  if (name == "table" || name == "tab") return OutputFormat::kTable;
  if (name == "jsonpb") return OutputFormat::kJson;
  if (name == "json" || name == "JSON") {
    return WantsLegacyJson(environment) ? OutputFormat::kLegacyJson : OutputFormat::kJson;
  }
  return absl::InvalidArgumentError(absl::StrCat("invalid output format: ", name));
}

}  // namespace

void AddOutputFlags(FlagSet* set, OutputFlags* flags) {
  set->Group("Formatting");
  set->AddText("output", "FORMAT", "compact, dict, table or json", &flags->format)->letter = 'o';
  set->AddText("time-format", "FORMAT", "how times are printed, but in json", &flags->time_format);
  set->AddSwitch("print-node-name", "show the name of the node", &flags->node_name);
}

absl::Status ReadOutputFlags(const OutputFlags& flags, bool follow, const Environment& environment,
                             OutputFormat* format, TimeFormat* time_format) {
  ASSIGN_OR_RETURN(*format, ParseFormat(flags.format, environment));
  if (*format == OutputFormat::kTable && follow) {
    return absl::InvalidArgumentError("table output format is not compatible with follow mode");
  }
  absl::StatusOr<TimeFormat> parsed = ParseTimeFormat(flags.time_format);
  if (!parsed.ok()) return WithValue("--time-format", flags.time_format, parsed.status());
  *time_format = *parsed;
  return absl::OkStatus();
}

}  // namespace alidade
