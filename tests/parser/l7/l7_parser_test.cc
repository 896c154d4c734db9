// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/l7_parser.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "parser/flow_header.h"
#include "parser/l7/quoted.h"
#include "parser/l7/trace_parent.h"
#include "tests/support/table_resolver.h"

namespace alidade::testing {
namespace {

constexpr char kTraceParent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

AccessLog Log(const char* type, const char* timestamp = "2024-01-01T00:00:00Z") {
  AccessLog log;
  log.type = type;
  log.timestamp = timestamp;
  log.verdict = "Forwarded";
  log.transport_protocol = 6;
  log.source.ipv4 = "10.0.0.1";
  log.destination.ipv4 = "10.0.0.2";
  return log;
}

AccessLog Http(const char* type, const char* id, const char* timestamp = "2024-01-01T00:00:00Z") {
  AccessLog log = Log(type, timestamp);
  log.http.emplace();
  log.http->code = 200;
  log.http->method = "GET";
  log.http->protocol = "HTTP/1.1";
  log.http->url = "/p";
  log.http->headers["X-Request-Id"] = {id};
  return log;
}

flow::Flow FlowOf(L7Parser& parser, const AccessLog& log) {
  const TableResolver resolver;
  FlowRecord record;
  REQUIRE(parser.Decode(log, &record) == DecodeError::kNone);
  parser.Enrich(resolver, &record);
  std::string wire(MaxEncodedFlowBytes(record), '\0');
  wire.resize(EncodeFlow(record, wire.data()));
  flow::Flow flow;
  REQUIRE(flow.ParseFromString(wire));
  return flow;
}

flow::Flow FlowOf(const AccessLog& log) {
  L7Parser parser{Redaction()};
  return FlowOf(parser, log);
}

TEST_CASE("an access log's mapped address is looked up as it is written", "[parser]") {
  TableResolver resolver;
  resolver.AddDnsName(0, "10.0.0.1", "web.example");
  AccessLog log = Log("Request");
  for (const char* address : {"10.0.0.1", "::ffff:10.0.0.1"}) {
    log.source.ipv4 = address;
    L7Parser parser{Redaction()};
    FlowRecord record;
    REQUIRE(parser.Decode(log, &record) == DecodeError::kNone);
    parser.Enrich(resolver, &record);
    CHECK(record.source_names.empty() == (address[0] == ':'));
  }
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
std::string SummaryOf(const flow::Flow& flow) { return flow.summary(); }
#pragma GCC diagnostic pop

TEST_CASE("a record without a time is an error", "[parser]") {
  L7Parser parser{Redaction()};
  FlowRecord record;
  CHECK(parser.Decode(Log("Request", "now"), &record) == DecodeError::kBadTimestamp);
}

TEST_CASE("an L7 flow says whether it is a reply, and what the proxy logged of its ends",
          "[parser]") {
  AccessLog log = Log("Response");
  log.source.identity = 7;
  log.source.labels = {"k8s:b=2", "k8s:a=1"};
  log.source.ipv4 = "010.0.0.1";
  log.observation_point = "Ingress";
  const flow::Flow flow = FlowOf(log);
  CHECK(flow.type() == flow::L7);
  CHECK(flow.event_type().type() == 129);
  CHECK(flow.is_reply().value());
  CHECK(flow.traffic_direction() == flow::INGRESS);
  CHECK(flow.source().identity() == 7);
  CHECK(flow.source().labels(0) == "k8s:a=1");
  CHECK(flow.ip().source() == "010.0.0.1");
  CHECK(flow.l4().has_tcp());
  CHECK_FALSE(flow.l4().tcp().has_flags());
  CHECK(FlowOf(Log("Sample")).has_is_reply());
}

TEST_CASE("a response takes as long as the time since its request", "[parser]") {
  L7Parser parser{Redaction()};
  FlowOf(parser, Http("Request", "a", "2024-01-01T00:00:00.9Z"));
  const AccessLog response = Http("Response", "a", "2024-01-01T00:00:02.1Z");
  const flow::Flow flow = FlowOf(parser, response);
  CHECK(flow.l7().latency_ns() == 1'200'000'000);
  CHECK(SummaryOf(flow) == "HTTP/1.1 200 1200ms (GET /p)");
  CHECK(FlowOf(parser, response).l7().latency_ns() == 0);  // known only once

  FlowOf(parser, Http("Request", "a", "2024-01-01T00:00:09Z"));
  CHECK(FlowOf(parser, response).l7().latency_ns() == 0);  // not before the request
  FlowOf(parser, Http("Request", "a", "0001-01-01T00:00:00Z"));
  CHECK(FlowOf(parser, response).l7().latency_ns() == uint64_t{INT64_MAX});
}

TEST_CASE("the oldest of too many requests is forgotten", "[parser]") {
  RequestCache<int> cache(2);
  cache.Add("a", 1);
  cache.Add("b", 2);
  cache.Add("a", 3);
  cache.Add("c", 4);
  CHECK_FALSE(cache.Take("b").has_value());
  CHECK(cache.Take("a") == 3);
  CHECK(cache.Take("c") == 4);
  CHECK_FALSE(cache.Take("c").has_value());
}

TEST_CASE("the trace of a request is its response's too", "[parser]") {
  L7Parser parser{Redaction()};
  AccessLog request = Http("Request", "a");
  request.http->headers["Traceparent"] = {kTraceParent};
  const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  CHECK(FlowOf(parser, request).trace_context().parent().trace_id() == trace_id);
  const AccessLog response = Http("Response", "a");
  CHECK(FlowOf(parser, response).trace_context().parent().trace_id() == trace_id);
  CHECK_FALSE(FlowOf(parser, response).has_trace_context());
}

TEST_CASE("a trace parent is valid or none", "[parser]") {
  CHECK_FALSE(TraceIdOf(kTraceParent).empty());
  CHECK_FALSE(TraceIdOf("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-more").empty());
  for (const char* header :
       {"", "garbage", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"}) {
    INFO(header);
    CHECK(TraceIdOf(header).empty());
  }
}

TEST_CASE("header values are hidden by list", "[parser]") {
  Redaction redaction;
  CHECK_FALSE(redaction.HidesHeader("Cookie"));
  redaction.enabled = true;
  CHECK(redaction.HidesHeader("Cookie"));
  redaction.denied_headers = {"cookie"};
  CHECK(redaction.HidesHeader("COOKIE"));
  CHECK_FALSE(redaction.HidesHeader("Accept"));
  redaction.allowed_headers = {"cookie"};
  CHECK_FALSE(redaction.HidesHeader("Cookie"));
  CHECK(redaction.HidesHeader("Accept"));
}

TEST_CASE("a DNS answer is summed up in one line", "[parser]") {
  AccessLog log = Log("Response");
  log.dns.emplace();
  log.dns->query = "a.io.";
  log.dns->ips = {"1.2.3.4", "FD00::1"};
  log.dns->cnames = {"b.io."};
  log.dns->ttl = 9;
  log.dns->query_types = {1, 28, 999};
  log.dns->observation_source = "proxy";
  const flow::Flow flow = FlowOf(log);
  CHECK(SummaryOf(flow) ==
        "DNS Answer \"1.2.3.4,fd00::1\" CNAMEs: \"b.io.\" TTL: 9 (Proxy a.io. A,AAAA,Unknown)");
  CHECK(flow.l7().dns().qtypes(2) == "Unknown");
  log.dns->rcode = 3;
  log.dns->observation_source = "agent";
  CHECK(SummaryOf(FlowOf(log)) ==
        "DNS Answer RCode: Non-Existent Domain TTL: 9 (Query a.io. A,AAAA,Unknown)");
  log.type = "Request";
  CHECK(SummaryOf(FlowOf(log)) == "DNS Query a.io. A,AAAA,Unknown");
  CHECK(FlowOf(log).l7().dns().ips().empty());
}

TEST_CASE("quoted text is what Go would print", "[parser]") {
  CHECK(Quoted("a\"b\\c\n") == R"("a\"b\\c\n")");
  CHECK(Quoted("\x01\xff\x7f") == R"("\x01\xff\x7f")");
  CHECK(Quoted("\xc3\xa9") == "\"\xc3\xa9\"");
  CHECK(Quoted("\xe2\x80\x8b\xf3\xa0\x80\x81") == R"("\u200b\U000e0001")");
}

TEST_CASE("a record of several protocols shows one and is summed up by another", "[parser]") {
  AccessLog log = Http("Request", "a");
  log.dns.emplace();
  CHECK(FlowOf(log).l7().has_dns());
  CHECK(SummaryOf(FlowOf(log)) == "HTTP/1.1 GET /p");
  log.http.reset();
  log.kafka.emplace();
  log.kafka->topic = "t";
  CHECK(SummaryOf(FlowOf(log)).empty());
  log.dns.reset();
  CHECK(SummaryOf(FlowOf(log)) == "Kafka request  correlation id 0 topic 't'");
  log.kafka.reset();
  log.generic = GenericLog{"cassandra", {{"b", "2"}, {"a", "1"}}};
  CHECK(SummaryOf(FlowOf(log)) == "cassandra Fields: map[a:1 b:2]");
  CHECK(FlowOf(log).l7().record_case() == flow::Layer7::RECORD_NOT_SET);
}

TEST_CASE("bytes that are not UTF-8 do not spoil the flow", "[parser]") {
  AccessLog log = Http("Request", "\xff");
  log.http->method = "\xff";
  log.source.ipv4 = "\xff";
  CHECK(FlowOf(log).l7().http().method() == "?");
}

}  // namespace
}  // namespace alidade::testing
