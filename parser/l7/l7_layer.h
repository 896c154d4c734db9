// SPDX-License-Identifier: Apache-2.0
//
// The application layer of a flow between decoding and encoding (flow.Layer7 and what goes with
// it).
#ifndef ALIDADE_PARSER_L7_L7_LAYER_H_
#define ALIDADE_PARSER_L7_L7_LAYER_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "flow/flow.pb.h"

namespace alidade {

struct HttpHeader {
  std::string key;
  std::string value;
};

struct HttpLayer {
  uint32_t code = 0;
  std::string method;
  std::string url;
  std::string protocol;
  std::vector<HttpHeader> headers;
};

struct DnsLayer {
  std::string query;
  std::vector<std::string> ips;
  uint32_t ttl = 0;  // seconds
  std::vector<std::string> cnames;
  std::string observation_source;
  uint32_t rcode = 0;
  std::vector<std::string> query_types;   // names
  std::vector<std::string> answer_types;  // names
};

struct KafkaLayer {
  int32_t error_code = 0;
  int32_t api_version = 0;
  int32_t correlation_id = 0;
  std::string api_key;
  std::string topic;
};

struct L7Layer {
  flow::L7FlowType type = flow::UNKNOWN_L7_TYPE;
  uint64_t latency_ns = 0;
  std::variant<std::monostate, DnsLayer, HttpLayer, KafkaLayer> record;
  std::string trace_id;  // of the W3C trace context; empty: none
  // Addresses as the proxy wrote them, which need not be canonical.
  std::string source_ip;
  std::string destination_ip;
  std::string summary;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_L7_LAYER_H_
