// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/text.h"

#include "agent/cli/hubble_names.h"
#include "catch2/catch_test_macros.hpp"

namespace alidade {
namespace {

TEST_CASE("digits are grouped in threes", "[cli]") {
  CHECK(GroupDigits(0) == "0");
  CHECK(GroupDigits(999) == "999");
  CHECK(GroupDigits(1000) == "1,000");
  CHECK(GroupDigits(4095) == "4,095");
  CHECK(GroupDigits(100000) == "100,000");
  CHECK(GroupDigits(18446744073709551615u) == "18,446,744,073,709,551,615");
}

TEST_CASE("text cannot steer the terminal", "[cli]") {
  CHECK(EscapeForTerminal("a\x1b[2Jb\rc\n") == "a^[[2Jb\\rc\n");
}

TEST_CASE("columns are as wide as their widest cell and lines end without spaces", "[cli]") {
  CHECK(AlignColumns({{"A", "LONG", "C"}, {"wide", "x", ""}, {"y"}}) ==
        "A     LONG  C\nwide  x\ny\n");
  CHECK(AlignColumns({}).empty());
}

TEST_CASE("identities are read by name and by number", "[cli]") {
  CHECK(ParseIdentity("kube-apiserver") == 7u);
  CHECK(ParseIdentity("16777217") == 16777217u);
  CHECK(!ParseIdentity("4294967296"));
  CHECK(!ParseIdentity("-1"));
  CHECK(!ParseIdentity(""));
  CHECK(IdentityText(10) == "(world-ipv6)");
  CHECK(IdentityText(11) == "(ID:11)");
}

TEST_CASE("a drop reason without a name is shown by its number", "[cli]") {
  CHECK(DropReasonText(205) == "Punt to proxy");
  CHECK(DropReasonText(159) == "159, 0");
  CHECK(DropReasonText(206) == "206, 0");
}

}  // namespace
}  // namespace alidade
