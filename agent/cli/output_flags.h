// SPDX-License-Identifier: Apache-2.0
//
// The flags of observe and its subcommands about how events are printed.
#ifndef ALIDADE_AGENT_CLI_OUTPUT_FLAGS_H_
#define ALIDADE_AGENT_CLI_OUTPUT_FLAGS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "agent/cli/flag_set.h"
#include "agent/cli/time_text.h"

namespace alidade {

enum class OutputFormat : uint8_t {
  kCompact,
  kDict,
  kTable,
  kJson,
  kLegacyJson,  // as Hubble's client wrote it up to 0.10: events without what is around them
};

struct OutputFlags {
  std::string format = "compact";
  std::string time_format = "StampMilli";
  bool node_name = false;
};

// Adds the flags to `set`; `flags` outlives it.
void AddOutputFlags(FlagSet* set, OutputFlags* flags);

// Reads what the flags say, and HUBBLE_COMPAT, which may ask for legacy JSON. Errors:
// kInvalidArgument: no such format; a table, which is printed at the end, of events that are
// followed.
absl::Status ReadOutputFlags(const OutputFlags& flags, bool follow, const Environment& environment,
                             OutputFormat* format, TimeFormat* time_format);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_OUTPUT_FLAGS_H_
