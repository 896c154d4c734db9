// SPDX-License-Identifier: Apache-2.0
//
// --allowlist and --denylist: whole filters in JSON, as --print-raw-filters prints them.
#ifndef ALIDADE_AGENT_CLI_RAW_FILTERS_H_
#define ALIDADE_AGENT_CLI_RAW_FILTERS_H_

#include <string>
#include <vector>

#include "agent/cli/flag_set.h"
#include "agent/filter/filter.h"

namespace alidade {

// The values of each flag, each any number of FlowFilters in JSON.
struct RawFilters {
  std::vector<std::string> allowlist;
  std::vector<std::string> denylist;
};

// Adds the flags to `set`, which `filters` outlives.
void AddRawFilterFlags(FlagSet* set, RawFilters* filters);

// Appends what `filters` hold. Errors: kInvalidArgument, naming the flag: not filters in JSON.
absl::Status ReadRawFilters(const RawFilters& filters, FlowFilterList* whitelist,
                            FlowFilterList* blacklist);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_RAW_FILTERS_H_
