// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_RECORDING_GO_JSON_H_
#define ALIDADE_AGENT_RECORDING_GO_JSON_H_

#include <string>

#include "nlohmann/json.hpp"

namespace alidade {

// `json` on one line, as Go's encoding/json writes it: with what HTML could misunderstand escaped.
// Bytes that are not UTF-8 become U+FFFD.
std::string GoJson(const nlohmann::ordered_json& json);

}  // namespace alidade

#endif  // ALIDADE_AGENT_RECORDING_GO_JSON_H_
