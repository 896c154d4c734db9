// SPDX-License-Identifier: Apache-2.0
//
// What of a request is private and must not be shown.
#ifndef ALIDADE_PARSER_L7_REDACTION_H_
#define ALIDADE_PARSER_L7_REDACTION_H_

#include <set>
#include <string>
#include <string_view>

namespace alidade {

// Stands in the place of what is not shown.
inline constexpr std::string_view kRedacted = "HUBBLE_REDACTED";

// The initial state is that of an agent where nothing was configured: passwords are hidden even
// then. Source: contract 6.5.
struct Redaction {
  bool enabled = false;  // header values are judged
  bool url_query = false;
  bool url_password = true;
  bool kafka_api_key = false;
  // Header keys in lower case. A key in the first is shown; else one in the second is not; else it
  // is shown unless there is a first.
  std::set<std::string> allowed_headers;
  std::set<std::string> denied_headers;

  bool HidesHeader(std::string_view key) const;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_REDACTION_H_
