// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/go_json.h"

#include "absl/strings/str_replace.h"

namespace alidade {

std::string GoJson(const nlohmann::ordered_json& json) {
  constexpr auto kReplaceBadUtf8 = nlohmann::ordered_json::error_handler_t::replace;
  // None of these stands outside of text in JSON.
  return absl::StrReplaceAll(json.dump(-1, ' ', false, kReplaceBadUtf8), {{"&", "\\u0026"},
                                                                          {"<", "\\u003c"},
                                                                          {">", "\\u003e"},
                                                                          {"\u2028", "\\u2028"},
                                                                          {"\u2029", "\\u2029"}});
}

}  // namespace alidade
