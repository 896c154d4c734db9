// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/ip_text.h"
#include "tests/agent/filter/filter_case.h"

namespace alidade {
namespace {

TEST_CASE("addresses match by text and prefixes by number", "[filter]") {
  const char* const v4 = "IP { source: '10.1.2.3' destination: '10.9.9.9' ipVersion: IPv4 }";
  const char* const v6 = "IP { source: 'fe80::1' destination: 'fd00::5' ipVersion: IPv6 }";
  const FilterCase cases[] = {
      {"source_ip: '10.1.2.3'", v4, true},
      {"source_ip: '10.1.2.4'", v4, false},
      {"destination_ip: '10.1.2.3'", v4, false},
      {"source_ip: '10.0.0.7/8'", v4, true},
      {"source_ip: '10.1.2.0/25'", v4, true},
      {"source_ip: '10.1.2.128/25'", v4, false},
      {"source_ip: '10.1.2.3/32'", v4, true},
      {"source_ip: '0.0.0.0/0'", v6, false},
      {"source_ip: '::/0'", v4, false},
      {"source_ip: '::/0'", v6, true},
      {"source_ip: '9.9.9.9' source_ip: '10.0.0.0/8'", v4, true},
      {"source_ip: 'fe80::1'", v6, true},
      {"source_ip: 'FE80::0001'", v6, false},
      {"destination_ip: 'fd00::/17'", v6, true},
      {"source_ip: '0.0.0.0/0'", "", false},
  };
  CheckCases(cases);
}

TEST_CASE("an address that the header cannot hold is judged by its text", "[filter]") {
  const FilterCase cases[] = {
      {"source_ip: 'FE80::0001'", "IP { source: 'FE80::0001' ipVersion: IPv6 }", true},
      {"source_ip: 'fe80::1'", "IP { source: 'FE80::0001' ipVersion: IPv6 }", false},
      {"source_ip: 'fe80::/64'", "IP { source: 'FE80::0001' ipVersion: IPv6 }", true},
      {"source_ip: 'fe80::1%eth0'", "IP { source: 'fe80::1%eth0' ipVersion: IPv6 }", true},
      {"source_ip: 'fe80::/64'", "IP { source: 'fe80::1%eth0' ipVersion: IPv6 }", false},
      {"source_ip: '10.0.0.0/8'", "IP { source: '::ffff:10.1.1.1' ipVersion: IPv6 }", false},
      {"source_ip: '::ffff:10.0.0.0/104'", "IP { source: '::ffff:10.1.1.1' ipVersion: IPv6 }",
       true},
      {"source_ip: '10.1.1.1'", "IP { source: '10.1.1.1' }", true},
      {"source_ip: '0.0.0.0'", "IP { source: '0.0.0.0' ipVersion: IPv4 }", true},
      {"source_ip: '0.0.0.0'", "IP { ipVersion: IPv4 }", false},
      {"source_ip_xlated: '1.1.1.1'", "IP { source: '2.2.2.2' source_xlated: '1.1.1.1' }", true},
      {"source_ip_xlated: '1.0.0.0/8'", "IP { source: '2.2.2.2' source_xlated: '1.1.1.1' }", true},
      {"source_ip_xlated: '0.0.0.0/0'", "IP { source: '2.2.2.2' }", false},
  };
  CheckCases(cases);
}

TEST_CASE("an IPv4 address inside IPv6 of a header is known by its dotted quad", "[filter]") {
  StoredFlow event = Store(FromText<flow::Flow>("IP { source: '1.2.3.4' ipVersion: IPv6 }"));
  const uint8_t mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4};
  event.header.source_ip = IpAddress::V6(mapped).bytes;
  CHECK(Passes("source_ip: '1.2.3.4'", event));
  CHECK(Passes("source_ip: '1.0.0.0/8'", event));
  CHECK_FALSE(Passes("source_ip: '::ffff:1.2.3.4'", event));
}

TEST_CASE("a bad address is refused with netip's reason", "[filter]") {
  const struct {
    const char* text;
    const char* reason;
  } cases[] = {
      {"", "unable to parse IP"},
      {"abc", "unable to parse IP"},
      {"%eth0", "missing IPv6 address"},
      {"1.1.1", "IPv4 address too short"},
      {"1.1.1.1.1", "IPv4 address too long"},
      {"1.1.1.256", "IPv4 field has value >255"},
      {"1.1.1.01", "IPv4 field has octet with leading zero"},
      {"1..1.1", "IPv4 field must have at least one digit (at \".1.1\")"},
      {"1.1.1.", "IPv4 field must have at least one digit (at \".\")"},
      {"example.com", "unexpected character (at \"example.com\")"},
      {"1.1.1.1 ", "unexpected character (at \" \")"},
      {":1", "each colon-separated field must have at least one digit (at \":1\")"},
      {"fd00:00000::", "each group must have 4 or less digits (at \"00000::\")"},
      {"fd00::g", "each colon-separated field must have at least one digit (at \"g\")"},
      {"fd00::1g", "unexpected character, want colon (at \"g\")"},
      {"1:2:", "colon must be followed by more characters (at \":\")"},
      {"1::2::3", "multiple :: in address (at \":3\")"},
      {"1:2:3:4:5:6:7:8:9", "trailing garbage after address (at \"9\")"},
      {"1:2:3:4:5:6:7:8::", "the :: must expand to at least one field of zeros"},
      {"1:2.3.4.5",
       "embedded IPv4 address must replace the final 2 fields of the address (at \"2.3.4.5\")"},
      {"::1:2:3:4:5:6:7:1.2.3.4",
       "too many hex fields to fit an embedded IPv4 at the end of the address (at \"1.2.3.4\")"},
      {"::ffff:1.2.3.4.5", "IPv4 address too long"},
      {"fe80::1%", "zone must be a non-empty string"},
      {"1:2:3:4:5:6:7", "address string too short"},
      {"1:2:3:4::5:6:7:8", "the :: must expand to at least one field of zeros"},
  };
  for (const auto& one : cases) {
    const absl::Status status = ParseIpText(one.text).status();
    CHECK(AsView(status.message()) == Concat("ParseAddr(\"", one.text, "\"): ", one.reason));
  }
  CHECK(ErrorOf("source_ip: 'abc'") ==
        "invalid IP address \"abc\" in filter: ParseAddr(\"abc\"): unable to parse IP");
}

TEST_CASE("a bad prefix is refused with netip's reason", "[filter]") {
  const struct {
    const char* text;
    const char* reason;
  } cases[] = {
      {"/8", "ParseAddr(\"\"): unable to parse IP"},
      {"1.1.1.1/", "bad bits after slash: \"\""},
      {"1.1.1.1/08", "bad bits after slash: \"08\""},
      {"1.1.1.1/+8", "bad bits after slash: \"+8\""},
      {"1.1.1.1/99999999999999999999", "bad bits after slash: \"99999999999999999999\""},
      {"1.1.1.1/33", "prefix length out of range"},
      {"fd00::/129", "prefix length out of range"},
      {"fe80::1%eth0/64", "IPv6 zones cannot be present in a prefix"},
      {"1.1.1.1/8/8", "ParseAddr(\"1.1.1.1/8\"): unexpected character (at \"/8\")"},
  };
  for (const auto& one : cases) {
    const absl::Status status = ParsePrefixText(one.text).status();
    CHECK(AsView(status.message()) ==
          Concat("netip.ParsePrefix(\"", one.text, "\"): ", one.reason));
  }
  CHECK(ErrorOf("source_ip_xlated: '1.1.1.1/33'") ==
        "invalid IP prefix \"1.1.1.1/33\" in filter: netip.ParsePrefix(\"1.1.1.1/33\"): prefix "
        "length out of range");
}

TEST_CASE("addresses of all forms are read", "[filter]") {
  const char* const texts[] = {"0.0.0.0", "255.255.255.255", "::",        "::1",
                               "1::",     "1:2:3:4:5:6:7:8", "fe80::1:2", "1:2:3:4:5:6:7::"};
  for (const char* text : texts) {
    const absl::StatusOr<ParsedIp> ip = ParseIpText(text);
    REQUIRE(ip.ok());
    CHECK_FALSE(ip->has_zone);
    const std::optional<IpAddress> expected = IpAddress::Parse(text);
    REQUIRE(expected);
    CHECK(ip->address == *expected);
  }
  CHECK(ParseIpText("64:ff9b::1.2.3.4")->address == *IpAddress::Parse("64:ff9b::102:304"));
  CHECK(ParseIpText("fe80::1%eth0")->has_zone);
}

}  // namespace
}  // namespace alidade
