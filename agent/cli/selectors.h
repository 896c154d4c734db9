// SPDX-License-Identifier: Apache-2.0
//
// The flags of observe and its subcommands about which events are shown (contract 7.3).
#ifndef ALIDADE_AGENT_CLI_SELECTORS_H_
#define ALIDADE_AGENT_CLI_SELECTORS_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/cli/flag_set.h"
#include "google/protobuf/timestamp.pb.h"

namespace alidade {

struct Selectors {
  uint64_t last = 0;   // 0: not given
  uint64_t first = 0;  // 0: not given
  bool all = false;
  bool follow = false;
  std::string since;  // empty: not given
  std::string until;
};

// How many are asked for when no selector is given.
inline constexpr uint64_t kDefaultNumber = 20;
// Stands for all in a request's number.
inline constexpr uint64_t kAllEvents = std::numeric_limits<uint64_t>::max();

// Adds the flags to `set`; `selectors` outlives it.
void AddSelectors(FlagSet* set, Selectors* selectors);

// Errors: kInvalidArgument, in the words of Hubble's client: flags that contradict each other.
absl::Status CheckSelectors(const Selectors& selectors);

// Sets since and until of a request; until only without follow, since an end in time contradicts
// staying, as Hubble's client sees it. Errors: kInvalidArgument: a time that is none.
template <typename Request>
absl::Status SetTimes(const Selectors& selectors, absl::Time now, Request* request);

// The time that flag `name` gives. Errors: kInvalidArgument, naming it.
absl::StatusOr<google::protobuf::Timestamp> ReadTime(const char* name, const std::string& text,
                                                     absl::Time now);

template <typename Request>
absl::Status SetTimes(const Selectors& selectors, absl::Time now, Request* request) {
  if (!selectors.since.empty()) {
    auto since = ReadTime("since", selectors.since, now);
    if (!since.ok()) return since.status();
    *request->mutable_since() = *since;
  }
  if (!selectors.until.empty() && !selectors.follow) {
    auto until = ReadTime("until", selectors.until, now);
    if (!until.ok()) return until.status();
    *request->mutable_until() = *until;
  }
  return absl::OkStatus();
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_SELECTORS_H_
