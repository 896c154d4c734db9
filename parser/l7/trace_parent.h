// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_PARSER_L7_TRACE_PARENT_H_
#define ALIDADE_PARSER_L7_TRACE_PARENT_H_

#include <string_view>

namespace alidade {

// The trace id (32 lower-case hex digits, a view into `header`) of a `traceparent` header; empty
// when the header is not valid. As strict as OpenTelemetry's Go propagator, which Hubble asks.
// Source: W3C Trace Context section 3.2.
std::string_view TraceIdOf(std::string_view header);

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_TRACE_PARENT_H_
