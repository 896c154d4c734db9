// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/recorded_event.h"

namespace alidade {
namespace {

AccessLogEndpoint ReadEndpoint(const Json& log, const char* name) {
  AccessLogEndpoint endpoint;
  const Json* object = Member(log, name);
  if (object == nullptr) return endpoint;
  endpoint.id = Integer<uint32_t>(*object, "id");
  endpoint.identity = Integer<uint32_t>(*object, "identity");
  endpoint.ipv4 = Text(*object, "ipv4");
  endpoint.ipv6 = Text(*object, "ipv6");
  endpoint.port = Integer<uint16_t>(*object, "port");
  endpoint.labels = Texts(*object, "labels");
  return endpoint;
}

HttpLog ReadHttp(const Json& object) {
  HttpLog http;
  http.code = Integer<int64_t>(object, "code");
  http.method = Text(object, "method");
  http.protocol = Text(object, "protocol");
  http.url = Text(object, "url");
  if (const Json* headers = Member(object, "headers")) {
    for (const auto& [key, values] : headers->get_ref<const Json::object_t&>()) {
      http.headers[key] = Texts(*headers, key.c_str());
    }
  }
  return http;
}

KafkaLog ReadKafka(const Json& object) {
  KafkaLog kafka;
  kafka.error_code = Integer<int32_t>(object, "error_code");
  kafka.api_version = Integer<int16_t>(object, "api_version");
  kafka.correlation_id = Integer<int32_t>(object, "correlation_id");
  kafka.api_key = Text(object, "api_key");
  kafka.topic = Text(object, "topic");
  return kafka;
}

std::vector<uint16_t> ReadTypes(const Json& object, const char* name) {
  std::vector<uint16_t> types;
  for (const Json& type : Elements(object, name)) {
    types.push_back(static_cast<uint16_t>(type.get_ref<const Json::number_integer_t&>()));
  }
  return types;
}

DnsLog ReadDns(const Json& object) {
  DnsLog dns;
  dns.query = Text(object, "query");
  dns.ips = Texts(object, "ips");
  dns.cnames = Texts(object, "cnames");
  dns.ttl = Integer<uint32_t>(object, "ttl");
  dns.rcode = Integer<int64_t>(object, "rcode");
  dns.observation_source = Text(object, "observation_source");
  dns.query_types = ReadTypes(object, "qtypes");
  dns.answer_types = ReadTypes(object, "answer_types");
  return dns;
}

GenericLog ReadGeneric(const Json& object) {
  GenericLog generic;
  generic.protocol = Text(object, "proto");
  if (const Json* fields = Member(object, "fields")) {
    generic.fields = fields->get<std::map<std::string, std::string>>();
  }
  return generic;
}

}  // namespace

AccessLog ReadAccessLog(const Json& object) {
  AccessLog log;
  log.type = Text(object, "type");
  log.timestamp = Text(object, "timestamp");
  log.observation_point = Text(object, "observation_point");
  log.source = ReadEndpoint(object, "source");
  log.destination = ReadEndpoint(object, "destination");
  log.ip_version = Integer<int64_t>(object, "ip_version");
  log.verdict = Text(object, "verdict");
  log.transport_protocol = Integer<uint8_t>(object, "transport_protocol");
  if (const Json* http = Member(object, "http")) log.http = ReadHttp(*http);
  if (const Json* kafka = Member(object, "kafka")) log.kafka = ReadKafka(*kafka);
  if (const Json* dns = Member(object, "dns")) log.dns = ReadDns(*dns);
  if (const Json* generic = Member(object, "l7")) log.generic = ReadGeneric(*generic);
  return log;
}

}  // namespace alidade
