// SPDX-License-Identifier: Apache-2.0
//
// The agent's configuration file: one flat YAML map, key = flag name, value = what one would write
// behind the flag, or a list of such values.
#ifndef ALIDADE_AGENT_CONFIG_FILE_H_
#define ALIDADE_AGENT_CONFIG_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace alidade {

struct ConfigEntry {
  std::string key;
  std::vector<std::string> values;  // one for a scalar (empty text for null), any number for a list
  int line = 0;                     // counted from 1
};

// Reads the entries of `path` in the order of the file; what the keys mean is the caller's affair.
// Errors: kInvalidArgument with one line that names the file, and the line where there is one: not
// readable, not YAML, not a flat map, a key that is given twice.
absl::StatusOr<std::vector<ConfigEntry>> ReadConfigFile(const std::string& path);

// The same from `text`; `path` is only named in errors.
absl::StatusOr<std::vector<ConfigEntry>> ParseConfig(const std::string& text,
                                                     const std::string& path);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CONFIG_FILE_H_
