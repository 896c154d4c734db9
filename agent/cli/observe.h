// SPDX-License-Identifier: Apache-2.0
//
// `alidade observe`: flows of a server, or of a file, with the selectors, filters and formats of
// `hubble observe` (contract 7.3 to 7.5).
#ifndef ALIDADE_AGENT_CLI_OBSERVE_H_
#define ALIDADE_AGENT_CLI_OBSERVE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/cli/filter_flags.h"
#include "agent/cli/flow_text.h"
#include "agent/cli/output_flags.h"
#include "agent/cli/selectors.h"
#include "agent/cli/server.h"
#include "observer/observer.pb.h"

namespace alidade {

struct ObserveOptions {
  ServerFlags server;
  TlsMaterial tls;         // that the flags name
  std::string input_file;  // read instead of asking the server; `-`: stdin
  // Which flows.
  Selectors selectors;
  FilterLists filters;
  bool print_filters = false;  // and nothing else
  // Which fields of them; empty: those that a text shows, or all.
  std::vector<std::string> fields;
  bool only_shown_fields = true;  // ask for no more than a text shows
  // How they are printed.
  OutputFormat format = OutputFormat::kCompact;
  bool silent = false;  // say nothing of lines that cannot be read
  FlowTextOptions text;
};

// Errors: as ParseClientFlags, and kInvalidArgument for values and combinations that are wrong.
absl::StatusOr<ObserveOptions> ParseObserveOptions(const Arguments& arguments,
                                                   const Environment& environment);

// The request that stands for `options`. Errors: kInvalidArgument: a time that is none.
absl::StatusOr<observer::GetFlowsRequest> BuildFlowsRequest(const ObserveOptions& options,
                                                            absl::Time now);

// Returns 0 when the stream ended well and 1 with a reason on stderr when it did not or the flags
// are wrong, as Hubble's client does.
int RunObserve(const Arguments& arguments);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_OBSERVE_H_
