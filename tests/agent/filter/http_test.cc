// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/request_uri.h"
#include "tests/agent/filter/filter_case.h"

namespace alidade {
namespace {

TEST_CASE("the path of a request is decoded, a malformed target has none", "[filter]") {
  const struct {
    const char* url;
    std::optional<std::string> path;
  } cases[] = {
      {"/page/1", "/page/1"},
      {"http://host/page/1?q=/x", "/page/1"},
      {"/a%20b?", "/a b"},
      {"/p?x#y", "/p"},
      {"https://user:pw@h:1/x#frag", "/x#frag"},
      {"//host/p", "//host/p"},
      {"http://host", ""},
      {"http://[fe80::1]:80/x", "/x"},
      {"mailto:someone", ""},
      {"*", "*"},
      {"", std::nullopt},
      {"page/1", std::nullopt},
      {"http://host:port/x", std::nullopt},
      {"http://h/%zz", std::nullopt},
      {"http://h/%4", std::nullopt},
      {"http://a b/x", std::nullopt},
      {"http://h%41/x", std::nullopt},
      {"http://[::1/x", std::nullopt},
      {"http://u ser@h/x", std::nullopt},
      {":80/x", std::nullopt},
      {"/a\x01", std::nullopt},
      {"1http://h/x", std::nullopt},
  };
  for (const auto& one : cases) {
    INFO(one.url);
    CHECK(RequestPath(one.url) == one.path);
  }
}

TEST_CASE("HTTP filters look at the HTTP record of a flow", "[filter]") {
  const char* const flow =
      "l7 { http { code: 404 method: 'GET' url: '/a/b?c' headers { key: 'K' value: 'v' } } }";
  const FilterCase cases[] = {
      {"http_status_code: '404'", flow, true},
      {"http_status_code: '4+'", flow, true},
      {"http_status_code: '40+'", flow, true},
      {"http_status_code: '41+' http_status_code: '200'", flow, false},
      {"http_status_code: '1+'", "l7 { http {} }", false},
      {"http_status_code: '4+'", "l7 { http { code: 4 } }", false},
      {"http_status_code: '4+'", "", false},
      {"http_method: 'get'", flow, true},
      {"http_method: ''", "l7 { http {} }", false},
      {"http_path: '^/a'", flow, true},
      {"http_path: 'c'", flow, false},
      {"http_url: '[?]c$'", flow, true},
      {"http_url: ''", "l7 { http {} }", false},
      {R"(http_url: '^/\\pl/\\p{lu}*\\P{old italic}')", flow, true},
      {R"(http_url: '\\p{greek}')", flow, false},
      {"http_header { key: 'K' value: 'v' }", flow, true},
      {"http_header { key: 'k' value: 'v' }", flow, false},
      {"http_header { key: 'K' }", flow, false},
      {"http_method: 'GET'", "l7 { dns {} }", false},
      {"dns_query: 'exam.le'", "l7 { dns { query: 'www.example.com.' } }", true},
      {"dns_query: '^exam.le'", "l7 { dns { query: 'www.example.com.' } }", false},
      {"dns_query: '.*'", flow, false},
      {"dns_query: ''", "l7 { dns {} }", true},
  };
  CheckCases(cases);
}

TEST_CASE("HTTP filters next to other event types are refused", "[filter]") {
  const ErrorCase errors[] = {
      {"http_method: 'GET' event_type { type: 4 }",
       "filtering by http method requires the event type filter to only match 'l7' events"},
      {"http_header {} event_type {}",
       "filtering by http headers requires the event type filter to only match 'l7' events"},
      {"http_method: 'GET' event_type { type: 4 } event_type { type: 129 }", ""},
  };
  CheckErrors(errors);
}

TEST_CASE("bad patterns of HTTP and DNS filters are refused with Go's words", "[filter]") {
  const ErrorCase errors[] = {
      {"http_status_code: '600'",
       "invalid http status code filter: invalid status code prefix: \"600\""},
      {"http_status_code: '404+'",
       "invalid http status code filter: invalid status code prefix: \"404+\""},
      {"http_status_code: ''", "invalid http status code filter: invalid status code prefix: \"\""},
      {"http_status_code: '+'",
       "invalid http status code filter: invalid status code prefix: \"+\""},
      {"http_path: '['",
       "invalid http path filter: [: error parsing regexp: missing closing ]: `[`"},
      {"http_url: 'a**'",
       "invalid http url filter: a**: error parsing regexp: invalid nested repetition operator: "
       "`**`"},
      {"http_url: '\\\\C'",
       "invalid http url filter: \\C: error parsing regexp: invalid escape sequence: `\\C`"},
      {"dns_query: '('",
       "invalid DNS query filter: failed to compile regexp: error parsing regexp: missing closing "
       "): `(`"},
  };
  CheckErrors(errors);
}

}  // namespace
}  // namespace alidade
