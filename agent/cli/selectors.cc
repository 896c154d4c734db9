// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/selectors.h"

#include "absl/strings/str_cat.h"
#include "agent/cli/time_text.h"
#include "agent/option_values.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// CLI11 itself would read -1 as a very large number.
std::string CheckCount(const std::string& text) {
  constexpr uint64_t kMost = uint64_t{1} << 32;
  const absl::Status status = ParseNumber(text, 0, kMost).status();
  return status.ok() ? "" : absl::StrCat("\"", text, "\": ", std::string(status.message()));
}

absl::Status Exclude(bool a, bool b, const char* names) {
  return a && b ? absl::InvalidArgumentError(absl::StrCat("cannot set both ", names))
                : absl::OkStatus();
}

}  // namespace

void AddSelectors(CLI::App* app, Selectors* selectors) {
  constexpr char kGroup[] = "Selectors";
  app->add_option("--last", selectors->last, "the newest N (20 if no selector is given)")
      ->type_name("N")
      ->check(CheckCount)
      ->group(kGroup);
  app->add_option("--first", selectors->first, "the oldest N flows")
      ->type_name("N")
      ->check(CheckCount)
      ->group(kGroup);
  app->add_flag("--all", selectors->all, "all that are stored")->group(kGroup);
  app->add_flag("-f,--follow", selectors->follow, "stay and show what comes")->group(kGroup);
  app->add_option("--since", selectors->since, "from this time on: 5m, or 2006-01-02T15:04:05Z")
      ->type_name("TIME")
      ->group(kGroup);
  app->add_option("--until", selectors->until, "up to this time")->type_name("TIME")->group(kGroup);
}

absl::Status CheckSelectors(const Selectors& selectors) {
  const bool first = selectors.first > 0;
  const bool last = selectors.last > 0;
  RETURN_IF_ERROR(Exclude(first, last, "--first and --last"));
  RETURN_IF_ERROR(Exclude(first, selectors.all, "--first and --all"));
  RETURN_IF_ERROR(Exclude(first, selectors.follow, "--first and --follow"));
  return Exclude(last, selectors.all, "--last and --all");
}

absl::StatusOr<google::protobuf::Timestamp> ReadTime(const char* flag, const std::string& text,
                                                     absl::Time now) {
  absl::StatusOr<absl::Time> time = ParseTimeText(text, now);
  if (!time.ok()) return WithValue(flag, text, time.status());
  return ToTimestamp(*time);
}

}  // namespace alidade
