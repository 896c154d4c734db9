// SPDX-License-Identifier: Apache-2.0
//
// Access-log records to flow records. Unlike packets, responses need to know their requests, so
// this parser remembers.
#ifndef ALIDADE_PARSER_L7_L7_PARSER_H_
#define ALIDADE_PARSER_L7_L7_PARSER_H_

#include <string>

#include "parser/endpoint.h"
#include "parser/flow_record.h"
#include "parser/l7/access_log.h"
#include "parser/l7/l7_layer.h"
#include "parser/l7/redaction.h"
#include "parser/l7/request_cache.h"
#include "parser/parser.h"
#include "parser/rfc3339.h"

namespace alidade {

// Thread: one. Memory: bounded by the ids of the last 10,000 requests without a response.
class L7Parser {
 public:
  explicit L7Parser(Redaction redaction) : redaction_(std::move(redaction)) {}

  // Decodes `log` into `record`, which is reset first. The record borrows from this parser until
  // its next call, and from nothing else.
  // Errors: kBadTimestamp.
  DecodeError Decode(const AccessLog& log, FlowRecord* record);

  // Fills names, services, pods and workloads. Who speaks is told by the log itself. Afterwards
  // the record also borrows from `resolver`.
  void Enrich(const EndpointResolver& resolver, FlowRecord* record);

 private:
  static constexpr size_t kMaxRequests = 10'000;

  uint64_t Latency(const AccessLog& log, const UnixTime& time);
  std::string TraceId(const AccessLog& log);

  const Redaction redaction_;
  RequestCache<UnixTime> request_times_{kMaxRequests};
  RequestCache<std::string> trace_ids_{kMaxRequests};

  // Of the record that was decoded last.
  L7Layer layer_;
  Endpoint source_;
  Endpoint destination_;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_L7_PARSER_H_
