// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_PARSER_L7_URL_H_
#define ALIDADE_PARSER_L7_URL_H_

#include <string>
#include <string_view>

namespace alidade {

// `url` (RFC 3986) as a flow shows it: in the normal form that Go's net/url writes, with
// HUBBLE_REDACTED in place of the password when `hide_password`, and without query and fragment
// when `hide_query`. What is no URL, so that nobody knows where its password is, gives "".
std::string RedactedUrl(std::string_view url, bool hide_password, bool hide_query);

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_URL_H_
