// SPDX-License-Identifier: Apache-2.0
//
// One record of a proxy's access log: what an application-level proxy tells of a request or a
// response. Field meanings: Cilium's accesslog.LogRecord, event-format section 7.
#ifndef ALIDADE_PARSER_L7_ACCESS_LOG_H_
#define ALIDADE_PARSER_L7_ACCESS_LOG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace alidade {

struct AccessLogEndpoint {
  uint32_t id = 0;  // 0: not of this node
  uint32_t identity = 0;
  std::string ipv4;  // text as the proxy wrote it, possibly empty
  std::string ipv6;
  uint16_t port = 0;
  std::vector<std::string> labels;  // `source:key[=value]`, in any order
};

struct HttpLog {
  int64_t code = 0;
  std::string method;
  std::string protocol;  // `HTTP/1.1`
  std::string url;       // empty: none
  std::map<std::string, std::vector<std::string>> headers;
};

struct KafkaLog {
  int32_t error_code = 0;
  int32_t api_version = 0;
  int32_t correlation_id = 0;
  std::string api_key;
  std::string topic;
};

struct DnsLog {
  std::string query;
  std::vector<std::string> ips;
  std::vector<std::string> cnames;
  uint32_t ttl = 0;
  int64_t rcode = 0;
  std::string observation_source;
  std::vector<uint16_t> query_types;  // RFC 1035 section 3.2.2
  std::vector<uint16_t> answer_types;
};

// A protocol that the proxy knows and Hubble does not.
struct GenericLog {
  std::string protocol;
  std::map<std::string, std::string> fields;
};

struct AccessLog {
  std::string type;               // Request, Response, Sample
  std::string timestamp;          // RFC 3339
  std::string observation_point;  // Ingress, Egress
  AccessLogEndpoint source;
  AccessLogEndpoint destination;
  int64_t ip_version = 0;          // 0 IPv4, 1 IPv6
  std::string verdict;             // Forwarded, Denied, Error, Redirected
  uint8_t transport_protocol = 0;  // IP protocol number
  std::optional<HttpLog> http;
  std::optional<KafkaLog> kafka;
  std::optional<DnsLog> dns;
  std::optional<GenericLog> generic;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_ACCESS_LOG_H_
