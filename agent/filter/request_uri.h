// SPDX-License-Identifier: Apache-2.0
//
// The path of the URL of an HTTP request.
#ifndef ALIDADE_AGENT_FILTER_REQUEST_URI_H_
#define ALIDADE_AGENT_FILTER_REQUEST_URI_H_

#include <optional>
#include <string>
#include <string_view>

namespace alidade {

// Reads `url` as a request target (RFC 9112 section 3.2: an absolute URL, a path, or `*`) as
// strictly as Go's url.ParseRequestURI, and returns its percent-decoded path. There are no
// fragments in request targets: `#` is part of the path. nullopt when it is malformed.
std::optional<std::string> RequestPath(std::string_view url);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_REQUEST_URI_H_
