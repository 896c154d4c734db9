// SPDX-License-Identifier: Apache-2.0
//
// From the filter flags of observe to the two filter lists of a request (contract 7.3).
#ifndef ALIDADE_AGENT_CLI_FILTER_FLAGS_H_
#define ALIDADE_AGENT_CLI_FILTER_FLAGS_H_

#include "absl/status/statusor.h"
#include "agent/command_line.h"
#include "agent/filter/filter.h"

namespace alidade {

struct FilterLists {
  FlowFilterList whitelist;
  FlowFilterList blacklist;
};

// Adds all filter flags to `app`.
void AddFilterFlags(CLI::App* app);

// Reads them, in the order in which they were given, from `app` once it has parsed.
//
// Each list has up to two filters, of which one must match: flags about either side go into the
// source fields of the one and the destination fields of the other, all others into both. `--not`
// moves the flag behind it to the blacklist.
// Errors: kInvalidArgument, one line: a wrong value, flags that exclude each other, a stray --not.
absl::StatusOr<FilterLists> ReadFilterFlags(const CLI::App& app);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FILTER_FLAGS_H_
