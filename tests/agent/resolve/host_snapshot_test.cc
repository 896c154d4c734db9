// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/host_snapshot.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <utility>

namespace alidade {
namespace {

IpAddress Ip(const char* text) { return IpAddress::Parse(text).value(); }

HostSnapshot Snapshot(EndpointInterner& interner) {
  HostFacts facts;
  facts.netns = 4026531840;
  facts.interface_names = {{2, "eth0"}};
  facts.addresses = {Ip("192.0.2.10"), Ip("2001:db8::10")};
  facts.primary_v4 = Ip("192.0.2.10");
  facts.primary_v6 = Ip("2001:db8::10");
  return HostSnapshot(std::move(facts), interner);
}

}  // namespace

TEST_CASE("own and loopback addresses are the host, others the world", "[resolve]") {
  EndpointInterner interner;
  const HostSnapshot snapshot = Snapshot(interner);
  for (const char* own :
       {"192.0.2.10", "2001:db8::10", "127.0.0.1", "127.9.9.9", "::1", "::ffff:192.0.2.10"}) {
    INFO(own);
    CHECK(snapshot.Resolve(Ip(own), 0)->info.identity == kIdentityHost);
  }
  for (const char* other : {"192.0.2.11", "2001:db8::11", "255.255.255.255", "ff02::1"}) {
    INFO(other);
    CHECK(snapshot.Resolve(Ip(other), 0)->info.identity == kIdentityWorld);
  }
  CHECK(snapshot.Resolve(IpAddress(), 0)->info.identity == kIdentityUnknown);
}

TEST_CASE("interface numbers mean something in their own namespace only", "[resolve]") {
  EndpointInterner interner;
  const HostSnapshot snapshot = Snapshot(interner);
  CHECK(snapshot.InterfaceName(4026531840, 2) == "eth0");
  CHECK(snapshot.InterfaceName(0, 2) == "eth0");
  CHECK(snapshot.InterfaceName(4026532000, 2).empty());
  CHECK(snapshot.InterfaceName(4026531840, 3).empty());
}

TEST_CASE("the host speaks to itself from the address it speaks to", "[resolve]") {
  EndpointInterner interner;
  const HostSnapshot snapshot = Snapshot(interner);
  CHECK(snapshot.LocalAddress(1, 0, Ip("127.0.0.1")) == Ip("127.0.0.1"));
  CHECK(snapshot.LocalAddress(1, 0, Ip("198.51.100.1")) == Ip("192.0.2.10"));
  CHECK(snapshot.LocalAddress(1, 0, Ip("2001:db8:9::1")) == Ip("2001:db8::10"));
  // A process in another namespace has addresses that we do not know.
  CHECK_FALSE(snapshot.LocalAddress(1, 4026532000, Ip("198.51.100.1")).valid());
}

TEST_CASE("equal endpoints share a handle, others never do", "[resolve]") {
  EndpointInterner interner;
  EndpointInfo web;
  web.identity = 1234;
  web.namespace_name = "default";
  web.pod_name = "web";
  const auto first = interner.Intern(web);
  CHECK(first == interner.Intern(web));
  CHECK(first->handle != 0);
  EndpointInfo other = web;
  other.pod_name = "web-2";
  CHECK(interner.Intern(other)->handle != first->handle);

  // Endpoints that nobody holds are forgotten, and their handles stay unused.
  uint32_t last = 0;
  for (int i = 0; i < 5000; ++i) {
    other.pod_name = "web-" + std::to_string(i);
    const auto endpoint = interner.Intern(other);
    CHECK(endpoint->handle > last);
    last = endpoint->handle;
  }
  CHECK(first == interner.Intern(web));
}

}  // namespace alidade
