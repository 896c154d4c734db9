// SPDX-License-Identifier: Apache-2.0
//
// From the filter flags of observe to the two filter lists of a request (contract 7.3).
#ifndef ALIDADE_AGENT_CLI_FILTER_FLAGS_H_
#define ALIDADE_AGENT_CLI_FILTER_FLAGS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "agent/cli/flag_set.h"
#include "agent/cli/raw_filters.h"
#include "agent/filter/filter.h"

namespace alidade {

struct FilterLists {
  FlowFilterList whitelist;
  FlowFilterList blacklist;
};

// The filter flags, taken one after another as a FlagSet parses them.
//
// Each list has up to two filters, of which one must match: flags about either side go into the
// source fields of the one and the destination fields of the other, all others into both. `--not`
// moves the flag behind it to the blacklist.
// Errors, also those that FlagSet::Parse passes on: kInvalidArgument, one line in the words of
// Hubble's client: a wrong value, flags that exclude each other, a stray --not.
class FilterFlags {
 public:
  // Adds them to `set`, which this outlives.
  explicit FilterFlags(FlagSet* set);
  ~FilterFlags();
  FilterFlags(const FilterFlags&) = delete;
  FilterFlags& operator=(const FilterFlags&) = delete;

  // What the flags say; after Parse, once.
  absl::StatusOr<FilterLists> Finish();

 private:
  class Pair;

  void Add(FlagSet* set, char letter, const std::string& name, const char* alone,
           const std::string& help);
  void AddSides(FlagSet* set);
  absl::Status Take(const std::string& name, const std::string& value);

  const std::unique_ptr<Pair> whitelist_;
  const std::unique_ptr<Pair> blacklist_;
  RawFilters raw_;
  bool is_negated_ = false;  // the next flag is
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FILTER_FLAGS_H_
