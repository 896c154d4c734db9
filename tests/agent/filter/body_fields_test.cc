// SPDX-License-Identifier: Apache-2.0
//
// Fields that look into the encoded flow.
#include "tests/agent/filter/filter_case.h"

namespace alidade {
namespace {

TEST_CASE("pods are a namespace and a prefix", "[filter]") {
  const FilterCase cases[] = {
      {"source_pod: 'web'", "source { namespace: 'default' pod_name: 'web-1' }", true},
      {"source_pod: 'web'", "source { namespace: 'ns1' pod_name: 'web-1' }", false},
      {"source_pod: 'ns1/web'", "source { namespace: 'ns1' pod_name: 'web-1' }", true},
      {"source_pod: 'ns1/'", "source { namespace: 'ns1' }", true},
      {"source_pod: 'ns'", "source { namespace: 'ns1' }", false},
      {"source_pod: '/web'", "source { namespace: 'ns1' pod_name: 'web-1' }", true},
      {"source_pod: '/'", "source { namespace: 'ns1' }", true},
      {"source_pod: '/'", "source {}", false},
      {"source_pod: '/'", "", false},
      {"source_pod: 'ns1/web/x/y'", "source { namespace: 'ns1' pod_name: 'web' }", true},
      {"source_pod: 'ns1/Web'", "source { namespace: 'ns1' pod_name: 'web' }", false},
      {"destination_pod: 'ns1/'", "source { namespace: 'ns1' }", false},
  };
  CheckCases(cases);
  CHECK(ErrorOf("destination_pod: ''") == "invalid filter, name must not be empty");
}

TEST_CASE("services are matched like pods", "[filter]") {
  const FilterCase cases[] = {
      {"source_service: 'a/b'", "source_service { namespace: 'a' name: 'bc' }", true},
      {"destination_service: 'a/b'", "source_service { namespace: 'a' name: 'bc' }", false},
      {"destination_service: '/'", "", false},
  };
  CheckCases(cases);
  CHECK(ErrorOf("source_service: ''") ==
        "invalid source service filter: invalid filter, name must not be empty");
}

TEST_CASE("one workload fits by name and kind", "[filter]") {
  const char* const flow =
      "source { workloads { name: 'a' kind: 'Job' } workloads { name: 'b' kind: 'Deployment' } }";
  const FilterCase cases[] = {
      {"source_workload {}", flow, true},
      {"source_workload { name: 'b' }", flow, true},
      {"source_workload { kind: 'Deployment' }", flow, true},
      {"source_workload { name: 'a' kind: 'Deployment' }", flow, false},
      {"source_workload { kind: 'job' }", flow, false},
      {"destination_workload {}", flow, false},
      {"source_workload {}", "source {}", false},
      {"source_workload {}", "source { workloads {} }", true},
  };
  CheckCases(cases);
}

TEST_CASE("cluster names are exact", "[filter]") {
  const FilterCase cases[] = {
      {"source_cluster_name: 'c1'", "source { cluster_name: 'c1' }", true},
      {"source_cluster_name: 'c*'", "source { cluster_name: 'c1' }", false},
      {"destination_cluster_name: 'c1'", "", false},
  };
  CheckCases(cases);
  CHECK(ErrorOf("source_cluster_name: 'a' source_cluster_name: ''") ==
        "invalid filter, name must not be empty");
}

TEST_CASE("interfaces match by index and name", "[filter]") {
  const FilterCase cases[] = {
      {"interface {}", "interface { index: 1 name: 'lo' }", true},
      {"interface {}", "interface {}", true},
      {"interface {}", "", false},
      {"interface { index: 2 }", "interface { index: 2 name: 'eth0' }", true},
      {"interface { index: 2 }", "interface { name: 'eth0' }", false},
      {"interface { name: 'eth0' }", "interface { index: 2 name: 'eth0' }", true},
      {"interface { index: 1 name: 'eth0' }", "interface { index: 2 name: 'eth0' }", false},
      {"interface { index: 9 } interface { name: 'eth0' }", "interface { name: 'eth0' }", true},
  };
  CheckCases(cases);
}

TEST_CASE("trace ids match what has none by their zero", "[filter]") {
  const FilterCase cases[] = {
      {"trace_id: 'abc'", "trace_context { parent { trace_id: 'abc' } }", true},
      {"trace_id: 'abc'", "trace_context { parent { trace_id: 'abd' } }", false},
      {"trace_id: ''", "", true},
      {"ip_trace_id: 7", "ip_trace_id { trace_id: 7 }", true},
      {"ip_trace_id: 7", "", false},
      {"ip_trace_id: 0", "", true},
  };
  CheckCases(cases);
}

TEST_CASE("a star in a name stands for dots too, not for underscores", "[filter]") {
  const FilterCase cases[] = {
      {"destination_fqdn: '*.b.c'", "destination_names: 'a.b.c'", true},
      {"destination_fqdn: '*.b.c'", "destination_names: 'b.c'", false},
      {"destination_fqdn: '*'", "destination_names: 'x.y-z.1'", true},
      {"destination_fqdn: '*'", "destination_names: 'a_b'", false},
      {"destination_fqdn: 'a_*'", "destination_names: 'a_b'", true},
      {"destination_fqdn: ' WWW.Example.COM. '", "destination_names: 'www.example.com'", true},
      {"destination_fqdn: '\u3000\u212a.com\u00a0'", "destination_names: 'k.com'", true},
      {"destination_fqdn: 'www.example.com'", "destination_names: 'WWW.example.com'", false},
      {"destination_fqdn: 'www.example.com'", "destination_names: 'www.example.com.'", false},
      {"destination_fqdn: 'www.example.com'", "destination_names: 'wwwxexample.com'", false},
      {"destination_fqdn: 'x' destination_fqdn: '*.net'",
       "destination_names: 'a.com' destination_names: 'b.net'", true},
      {"source_fqdn: '*'", "destination_names: 'a'", false},
  };
  CheckCases(cases);
  const ErrorCase errors[] = {
      {"source_fqdn: ' '", "empty pattern"},
      {"source_fqdn: '.'", "empty pattern"},
      {"source_fqdn: 'a..'", "multiple trailing dots in pattern"},
      {"source_fqdn: 'a/b'", "'/': invalid rune in pattern"},
      {"destination_fqdn: '\xc3\xa9.com'", "'\xc3\xa9': invalid rune in pattern"},
      {"destination_fqdn: \"a\\nb\"", "'\\n': invalid rune in pattern"},
      {"destination_fqdn: \"a'b\"", "'\\'': invalid rune in pattern"},
  };
  CheckErrors(errors);
}

TEST_CASE("node names have a cluster, default when none is written", "[filter]") {
  const FilterCase cases[] = {
      {"node_name: 'node-1'", "node_name: 'c1/node-1'", true},
      {"node_name: 'default/node-*'", "node_name: 'node-1'", true},
      {"node_name: 'c1/'", "node_name: 'c1/node-1'", true},
      {"node_name: '/node-1'", "node_name: 'node-1'", true},
      {"node_name: '/'", "node_name: 'a/b/c'", false},
      {"node_name: '/'", "node_name: 'Default/Node'", false},
      {"node_name: '*'", "node_name: '/node-1'", false},
      {"node_name: '*'", "", false},
  };
  CheckCases(cases);
  const ErrorCase errors[] = {{"node_name: ''", "empty pattern"},
                              {"node_name: 'a/b/c'", "too many slashes in pattern"},
                              {"node_name: 'k8s?'", "'?': invalid rune in pattern"}};
  CheckErrors(errors);
}

TEST_CASE("what is constant for the node is judged by the node's own", "[filter]") {
  const NodeIdentity node{"node-1", "c1", {"tier=db"}};
  CHECK(Passes("node_name: 'c1/node-1'", std::string(), node));
  CHECK_FALSE(Passes("node_name: 'c2/'", std::string(), node));
  CHECK(Passes("node_name: 'c2/'", std::string("node_name: 'c2/x'"), node));
  CHECK(Passes("node_labels: 'tier=db'", std::string(), node));
  CHECK_FALSE(Passes("node_labels: 'tier=db'", std::string("node_labels: 'tier=web'"), node));
}

}  // namespace
}  // namespace alidade
