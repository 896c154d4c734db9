// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/listen.h"

#include <catch2/catch_test_macros.hpp>

#include "agent/observer/peer_address.h"

namespace alidade {
namespace {

TEST_CASE("listen addresses are a host and a port", "[observer]") {
  const struct {
    const char* text;
    const char* expected;  // empty: refused
    bool loopback;
  } cases[] = {
      {"127.0.0.1:4244", "127.0.0.1:4244", true},
      {"localhost:4244", "localhost:4244", true},
      {"[::1]:4244", "[::1]:4244", true},
      {":4244", "[::]:4244", false},
      {"0.0.0.0:4244", "0.0.0.0:4244", false},
      {"[::]:4244", "[::]:4244", false},
      {"node.example:1", "node.example:1", false},
      {"127.9.9.9:0", "127.9.9.9:0", true},
      {"4244", "", false},
      {"host:", "", false},
      {"host:http", "", false},
      {"::1:4244", "", false},
      {"", "", false},
  };
  for (const auto& one : cases) {
    INFO(one.text);
    const absl::StatusOr<TcpAddress> address = ParseTcpAddress(one.text);
    REQUIRE(address.ok() == (*one.expected != '\0'));
    if (!address.ok()) continue;
    CHECK(address->ToString() == one.expected);
    CHECK(address->is_loopback() == one.loopback);
  }
}

TEST_CASE("relay is told an address that it can use", "[observer]") {
  CHECK(PeerAddress({"10.1.2.3:4244", "127.0.0.1:1"}, "/run/x.sock") == "10.1.2.3:4244");
  CHECK(PeerAddress({}, "/run/x.sock") == "unix:///run/x.sock");
  const std::string own = PeerAddress({":4244"}, "");
  CHECK(own.ends_with(":4244"));
}

}  // namespace
}  // namespace alidade
