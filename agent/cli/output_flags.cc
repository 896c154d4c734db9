// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/output_flags.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/option_values.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

absl::StatusOr<OutputFormat> ParseFormat(const std::string& name) {
  if (name == "compact") return OutputFormat::kCompact;
  if (name == "dict") return OutputFormat::kDict;
  if (name == "table" || name == "tab") return OutputFormat::kTable;
  if (name == "json" || name == "JSON" || name == "jsonpb") return OutputFormat::kJson;
  return absl::InvalidArgumentError(absl::StrCat("invalid output format: ", name));
}

}  // namespace

void AddOutputFlags(FlagSet* set, OutputFlags* flags) {
  set->Group("Formatting");
  set->AddText("output", "FORMAT", "compact, dict, table or json", &flags->format)->letter = 'o';
  set->AddText("time-format", "FORMAT", "how times are printed, but in json", &flags->time_format);
  set->AddSwitch("print-node-name", "show the name of the node", &flags->node_name);
}

absl::Status ReadOutputFlags(const OutputFlags& flags, bool follow, OutputFormat* format,
                             TimeFormat* time_format) {
  ASSIGN_OR_RETURN(*format, ParseFormat(flags.format));
  if (*format == OutputFormat::kTable && follow) {
    return absl::InvalidArgumentError("table output format is not compatible with follow mode");
  }
  absl::StatusOr<TimeFormat> parsed = ParseTimeFormat(flags.time_format);
  if (!parsed.ok()) return WithValue("--time-format", flags.time_format, parsed.status());
  *time_format = *parsed;
  return absl::OkStatus();
}

}  // namespace alidade
