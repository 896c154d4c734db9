// SPDX-License-Identifier: Apache-2.0
#include "parser/ip_address.h"

#include <catch2/catch_test_macros.hpp>
#include <random>

#include "tests/support/flow_builder.h"

namespace alidade::testing {
namespace {

std::string Canonical(std::string_view text) { return IpAddress::Parse(text).value().ToString(); }

TEST_CASE("an IPv4 address prints as a dotted quad", "[parser]") {
  for (const char* text : {"0.0.0.0", "1.2.3.4", "10.0.0.1", "127.99.100.9", "255.255.255.255"}) {
    CHECK(Canonical(text) == text);
  }
}

TEST_CASE("an IPv6 address prints as RFC 5952 asks", "[parser]") {
  CHECK(Canonical("2001:0db8::0001") == "2001:db8::1");                // 4.1 leading zeros
  CHECK(Canonical("2001:db8:0:0:0:0:2:1") == "2001:db8::2:1");         // 4.2.1 as short as possible
  CHECK(Canonical("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");  // 4.2.2 not one group
  CHECK(Canonical("2001:0:0:1:0:0:0:1") == "2001:0:0:1::1");           // 4.2.3 the longest run
  CHECK(Canonical("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");     // 4.2.3 the first of equals
  CHECK(Canonical("2001:DB8::ABCD") == "2001:db8::abcd");              // 4.3 lower case
  CHECK(Canonical("0:0:0:0:0:0:0:0") == "::");
  CHECK(Canonical("0:0:0:0:0:0:0:1") == "::1");
  CHECK(Canonical("fe80:0:0:0:0:0:0:0") == "fe80::");
  CHECK(Canonical("1:0:0:2:3:4:0:0") == "1::2:3:4:0:0");
  CHECK(Canonical("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").size() == IpAddress::kMaxText);
}

TEST_CASE("an IPv4-compatible address prints in hex, unlike an IPv4-mapped one", "[parser]") {
  CHECK(Canonical("::ffff:10.0.0.1") == "10.0.0.1");
  CHECK(Canonical("::ffff:0:0") == "0.0.0.0");
  CHECK(Canonical("::10.0.0.1") == "::a00:1");
  CHECK(Canonical("::fffe:10.0.0.1") == "::fffe:a00:1");
}

TEST_CASE("random addresses print as libc prints them and parse back", "[parser]") {
  std::mt19937 engine(5952);
  for (int i = 0; i < 20'000; ++i) {
    uint8_t bytes[16];
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(engine() % 3 == 0 ? engine() : 0);
    const IpAddress v4 = IpAddress::V4(bytes);
    REQUIRE(v4.ToString() == AddressText(v4));
    REQUIRE(IpAddress::Parse(v4.ToString()) == v4);
    const IpAddress v6 = IpAddress::V6(bytes);
    REQUIRE(v6.ToString() == AddressText(v6));
    REQUIRE(IpAddress::Parse(v6.ToString()) == v6);
  }
}

TEST_CASE("an address that is not there has no text", "[parser]") {
  const IpAddress none;
  CHECK_FALSE(none.valid());
  CHECK(none.ToString().empty());
  CHECK_FALSE(none.is_unspecified());
  CHECK_FALSE(none.is_loopback());
}

TEST_CASE("what is not an address does not parse", "[parser]") {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", ":",
                           ":::", "1::2::3", "12345::", "fe80::1%eth0", "10.0.0.0/8",
                           "::ffff:1.2.3", "1111:2222:3333:4444:5555:6666:7777:8888:9999", "xyz"}) {
    INFO(text);
    CHECK_FALSE(IpAddress::Parse(text).has_value());
  }
  CHECK_FALSE(IpAddress::Parse(std::string_view("1.2.3.4\0", 8)).has_value());
  CHECK_FALSE(IpAddress::Parse(std::string(500, '1')).has_value());
}

TEST_CASE("only IPv4-mapped addresses are unmapped", "[parser]") {
  CHECK(IpAddress::Parse("::ffff:1.2.3.4")->Unmapped() == *IpAddress::Parse("1.2.3.4"));
  CHECK(IpAddress::Parse("::1.2.3.4")->Unmapped() == *IpAddress::Parse("::1.2.3.4"));
  CHECK(IpAddress::Parse("1.2.3.4")->Unmapped() == *IpAddress::Parse("1.2.3.4"));
  CHECK_FALSE(IpAddress().Unmapped().valid());
}

TEST_CASE("unspecified and loopback addresses are known in both families", "[parser]") {
  CHECK(IpAddress::Parse("0.0.0.0")->is_unspecified());
  CHECK(IpAddress::Parse("::")->is_unspecified());
  CHECK_FALSE(IpAddress::Parse("::1")->is_unspecified());
  CHECK(IpAddress::Parse("127.255.0.1")->is_loopback());
  CHECK(IpAddress::Parse("::1")->is_loopback());
  CHECK_FALSE(IpAddress::Parse("128.0.0.1")->is_loopback());
  CHECK_FALSE(IpAddress::Parse("1::1")->is_loopback());
}

}  // namespace
}  // namespace alidade::testing
