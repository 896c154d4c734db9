// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/selectors.h"

#include "absl/strings/str_cat.h"
#include "agent/cli/time_text.h"
#include "agent/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace alidade {
namespace {

absl::Status Exclude(bool a, bool b, const char* names) {
  return a && b ? absl::InvalidArgumentError(absl::StrCat("cannot set both ", names))
                : absl::OkStatus();
}

}  // namespace

void AddSelectors(FlagSet* set, Selectors* selectors) {
  set->Group("Selectors");
  set->AddNumber("last", "the newest N (20 if no selector is given)", &selectors->last);
  set->AddNumber("first", "the oldest N flows", &selectors->first);
  set->AddSwitch("all", "all that are stored", &selectors->all);
  set->AddSwitch("follow", "stay and show what comes", &selectors->follow)->letter = 'f';
  set->AddText("since", "TIME", "from this time on: 5m, or 2006-01-02T15:04:05Z",
               &selectors->since);
  set->AddText("until", "TIME", "up to this time", &selectors->until);
}

absl::Status CheckSelectors(const Selectors& selectors) {
  const bool first = selectors.first > 0;
  const bool last = selectors.last > 0;
  RETURN_IF_ERROR(Exclude(first, last, "--first and --last"));
  RETURN_IF_ERROR(Exclude(first, selectors.all, "--first and --all"));
  RETURN_IF_ERROR(Exclude(first, selectors.follow, "--first and --follow"));
  return Exclude(last, selectors.all, "--last and --all");
}

absl::StatusOr<google::protobuf::Timestamp> ReadTime(const char* name, const std::string& text,
                                                     absl::Time now) {
  using google::protobuf::util::TimeUtil;
  const absl::StatusOr<absl::Time> time = ParseTimeText(text, now);
  if (!time.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "failed to parse the ", name, " time: ", std::string(time.status().message())));
  }
  const google::protobuf::Timestamp stamp = ToTimestamp(*time);
  if (stamp.seconds() < TimeUtil::kTimestampMinSeconds ||
      stamp.seconds() > TimeUtil::kTimestampMaxSeconds) {
    return absl::InvalidArgumentError(absl::StrCat("failed to convert `", name,
                                                   "` timestamp to proto: ", text,
                                                   " is not in the years 1 to 9999"));
  }
  return stamp;
}

}  // namespace alidade
