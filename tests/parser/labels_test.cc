// SPDX-License-Identifier: Apache-2.0
#include "parser/labels.h"

#include <catch2/catch_test_macros.hpp>

#include "flow/flow.pb.h"
#include "parser/endpoint.h"

namespace alidade {
namespace {

using Labels = std::vector<std::string>;
constexpr uint32_t kCidrIdentity = 1 << 24 | 5;

TEST_CASE("the cluster is told by a label of any source", "[parser]") {
  CHECK(ClusterOf({"k8s:a=b", "k8s:io.cilium.k8s.policy.cluster=east"}) == "east");
  CHECK(ClusterOf({"k8s:io.cilium.k8s.policy.clusters=east"}).empty());
  CHECK(ClusterOf({}).empty());
}

TEST_CASE("an identity of a CIDR shows its longest prefix only", "[parser]") {
  const Labels labels = {"reserved:world", "cidr:10.0.0.0/8", "cidr:10.1.0.0/16", "cidr:x"};
  CHECK(ShownLabels(kCidrIdentity, labels) == Labels{"cidr:10.1.0.0/16", "reserved:world"});
  CHECK(ShownLabels(kCidrIdentity, {"cidr:0.0.0.0/0"}).empty());
  CHECK(ShownLabels(kCidrIdentity, {"cidr:fd00--/8", "cidr:fd00--1"}) == Labels{"cidr:fd00--1"});
  CHECK(ShownLabels(7, labels).size() == labels.size());
}

TEST_CASE("a policy is named by the labels of its rule", "[parser]") {
  flow::Policy policy;
  REQUIRE(policy.ParseFromString(
      EncodePolicy({"k8s:io.cilium.k8s.policy.name=deny", "k8s:io.cilium.k8s.policy.namespace=shop",
                    "k8s:io.cilium.k8s.policy.derived-from=CNP", "a:b"},
                   7)));
  CHECK(policy.name() == "deny");
  CHECK(policy.namespace_() == "shop");
  CHECK(policy.kind() == "CNP");
  CHECK(policy.labels_size() == 4);
  CHECK(policy.revision() == 7);
}

}  // namespace
}  // namespace alidade
