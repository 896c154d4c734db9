// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/world.h"

#include <string>
#include <vector>

#include "agent/resolve/world_file.h"
#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

constexpr char kWorld[] = R"({
  "node_name": "c1/n1",
  "endpoints": [
    {"id": 7, "ips": ["10.0.0.7", "fd00::7"], "identity": 700, "namespace": "ns",
     "pod_name": "web-1", "workload": {"kind": "Deployment", "name": "web"},
     "labels": ["k8s:z=1", "k8s:io.cilium.k8s.policy.cluster=c1", "k8s:a=2"]}],
  "identities": [
    {"id": 0, "labels": ["reserved:unknown"]},
    {"id": 2, "labels": ["reserved:world"]},
    {"id": 900, "labels": ["k8s:io.cilium.k8s.policy.cluster=c2"]},
    {"id": 16777217, "labels": ["reserved:world", "cidr:10.9.0.0/16", "cidr:10.9.9.0/24"]},
    {"id": 16777218, "labels": ["cidr:0.0.0.0/0", "cidr:2001-db8--/32", "cidr:nonsense"]},
    {"id": 16777219, "labels": ["cidr:0.0.0.0/0"]}],
  "ipcache": [
    {"prefix": "0.0.0.0/0", "identity": 2},
    {"prefix": "10.9.0.0/17", "identity": 16777217},
    {"prefix": "10.9.9.9", "identity": 900},
    {"prefix": "fd00::/7", "identity": 16777218}],
  "k8s_metadata": [{"ip": "10.9.9.9", "namespace": "far", "pod_name": "remote"}],
  "links": [{"ifindex": 2, "name": "eth0"}],
  "cgroups": [
    {"cgroup_id": 18446744073709551615, "ips": ["fd00::7", "10.0.0.7"]},
    {"cgroup_id": 2, "ips": ["bad", "10.0.0.7"]},
    {"cgroup_id": 3, "ips": null}]
})";

World MakeWorld() {
  absl::StatusOr<WorldTables> tables = ParseWorld(kWorld);
  INFO(tables.status());
  REQUIRE(tables.ok());
  return World(*std::move(tables));
}

IpAddress Address(const char* text) { return *IpAddress::Parse(text); }

using Labels = std::vector<std::string>;

TEST_CASE("a local endpoint is found by each of its addresses", "[resolve]") {
  World world = MakeWorld();
  for (const char* text : {"10.0.0.7", "fd00::7"}) {
    const EndpointInfo& info = world.Resolve(Address(text), 0)->info;
    CHECK(info.id == 7);
    CHECK(info.identity == 700);
    CHECK(info.cluster_name == "c1");
    CHECK(info.pod_name == "web-1");
    CHECK(info.labels == Labels{"k8s:a=2", "k8s:io.cilium.k8s.policy.cluster=c1", "k8s:z=1"});
    REQUIRE(info.workloads.size() == 1);
    CHECK(info.workloads[0].kind == "Deployment");
  }
}

TEST_CASE("the identity that the datapath saw goes before the tables", "[resolve]") {
  World world = MakeWorld();
  CHECK(world.Resolve(Address("10.0.0.7"), 55)->info.identity == 55);
  CHECK(world.Resolve(Address("10.0.0.7"), 55)->info.labels.size() == 3);
  CHECK(world.Resolve(Address("10.9.9.9"), 2)->info.labels == Labels{"reserved:world"});
}

TEST_CASE("a remote address has the identity of the longest prefix around it", "[resolve]") {
  World world = MakeWorld();
  CHECK(world.Resolve(Address("10.9.9.9"), 0)->info.identity == 900);
  CHECK(world.Resolve(Address("10.9.9.9"), 0)->info.pod_name == "remote");
  CHECK(world.Resolve(Address("10.9.9.9"), 0)->info.cluster_name == "c2");
  CHECK(world.Resolve(Address("10.9.127.1"), 0)->info.identity == 16777217);
  CHECK(world.Resolve(Address("10.9.128.1"), 0)->info.identity == 2);
  CHECK(world.Resolve(Address("fc00::1"), 0)->info.identity == 16777218);
  CHECK(world.Resolve(Address("2001::1"), 0)->info.labels == Labels{"reserved:unknown"});
}

TEST_CASE("of the labels for CIDRs the longest is kept", "[resolve]") {
  World world = MakeWorld();
  CHECK(world.Resolve(Address("10.9.0.1"), 0)->info.labels ==
        Labels{"cidr:10.9.9.0/24", "reserved:world"});
  CHECK(world.Resolve(Address("fd00::1"), 0)->info.labels == Labels{"cidr:2001-db8--/32"});
  CHECK(world.Resolve(Address("1.1.1.1"), 16777219)->info.labels.empty());
}

TEST_CASE("the same question has the same answer", "[resolve]") {
  World world = MakeWorld();
  const Endpoint* first = world.Resolve(Address("10.0.0.7"), 0);
  CHECK(world.Resolve(Address("10.0.0.7"), 0) == first);
  CHECK(world.Resolve(Address("10.0.0.7"), 55)->handle != first->handle);
  CHECK(first->wire == EncodeEndpoint(first->info));
}

TEST_CASE("a pod speaks from its first address of the family", "[resolve]") {
  World world = MakeWorld();
  CHECK(world.LocalAddress(~uint64_t{0}, 0, Address("1.1.1.1")) == Address("10.0.0.7"));
  CHECK(world.LocalAddress(~uint64_t{0}, 0, Address("::2")) == Address("fd00::7"));
  CHECK(world.LocalAddress(~uint64_t{0}, 0, Address("::ffff:1.1.1.1")) == Address("fd00::7"));
  CHECK(!world.LocalAddress(2, 0, Address("1.1.1.1")).valid());
  CHECK(!world.LocalAddress(3, 0, Address("1.1.1.1")).valid());
  CHECK(!world.LocalAddress(4, 0, Address("1.1.1.1")).valid());
}

TEST_CASE("an interface that is not listed has no name", "[resolve]") {
  World world = MakeWorld();
  CHECK(world.InterfaceName(0, 2) == "eth0");
  CHECK(world.InterfaceName(0, 3).empty());
}

TEST_CASE("a world that cannot be read is an error", "[resolve]") {
  CHECK(absl::IsInvalidArgument(ParseWorld("{").status()));
  CHECK(absl::IsInvalidArgument(ParseWorld(R"({"identities":[{"id":"x"}]})").status()));
  CHECK(absl::IsInvalidArgument(ParseWorld(R"({"endpoints":7})").status()));
  CHECK(absl::IsInvalidArgument(ParseWorld("[]").status()));
  CHECK(absl::IsInvalidArgument(ReadWorldFile("/nonexistent/world.json").status()));
  CHECK(ParseWorld("{}").ok());
}

}  // namespace
}  // namespace alidade
