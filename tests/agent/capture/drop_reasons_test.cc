// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/drop_reasons.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace alidade {

TEST_CASE("what was done with is no drop, what has no near reason is unknown", "[capture]") {
  CHECK_FALSE(MeaningOfDropReason("CONSUMED").is_drop);
  CHECK_FALSE(MeaningOfDropReason("SOCKET_CLOSE").is_drop);
  CHECK_FALSE(MeaningOfDropReason("TCP_RESET").is_drop);
  CHECK(MeaningOfDropReason("NETFILTER_DROP").reason == flow::POLICY_DENIED);
  CHECK(MeaningOfDropReason("NO_SOCKET").reason == flow::SOCKET_LOOKUP_FAILED);
  for (const char* name : {"NOT_SPECIFIED", "QDISC_DROP", "A_REASON_OF_A_LATER_KERNEL"}) {
    CHECK(MeaningOfDropReason(name).is_drop);
    CHECK(MeaningOfDropReason(name).reason == flow::DROP_REASON_UNKNOWN);
  }
}

TEST_CASE("the running kernel's reasons are read by name", "[capture]") {
  const absl::StatusOr<DropReasons> reasons = DropReasons::FromKernel();
  if (!reasons.ok()) SKIP("this kernel does not name its drop reasons");
  uint32_t netfilter = DROP_RULES;
  for (uint32_t number = 0; number < DROP_RULES; ++number) {
    if (reasons->Name(number) == "NETFILTER_DROP") netfilter = number;
  }
  REQUIRE(netfilter < DROP_RULES);
  CHECK(reasons->rules()[netfilter].reason == flow::POLICY_DENIED);
  CHECK(reasons->rules()[netfilter].ignore == 0);
  CHECK(reasons->rules()[0].ignore == 1);
  CHECK(reasons->Name(0xffffffff).empty());
}

TEST_CASE("a function is found by any address in it", "[capture]") {
  const KernelSymbols symbols = KernelSymbols::FromText(
      "ffffffff81000200 T second\n"
      "ffffffff81000100 t first\n"
      "ffffffff81000180 d some_variable\n"
      "ffffffff81000300 T third\t[a_module]\n"
      "ffffffff81000050 t fourth.cold\n"
      "ffffffff81000400 t fourth.constprop.0\n"
      "ffffffff81000500 t last\n"
      "0000000000000000 T hidden\n"
      "not a symbol\n\n");
  CHECK(symbols.size() == 6);
  CHECK(symbols.Find(0xffffffff81000100) == "first");
  CHECK(symbols.Find(0xffffffff810001ff) == "first");
  CHECK(symbols.Find(0xffffffff81000200) == "second");
  CHECK(symbols.Find(0xffffffff81000301) == "third");
  CHECK(symbols.Find(0xffffffff81000450) == "fourth");
  CHECK(symbols.RangeOf("fourth").begin == 0xffffffff81000400);
  CHECK(symbols.Find(0xffffffff8100004f).empty());
  CHECK(symbols.Find(0xffffffffffffffff).empty());
  const code_range range = symbols.RangeOf("second");
  CHECK(range.begin == 0xffffffff81000200);
  CHECK(range.end == 0xffffffff81000300);
  CHECK(symbols.RangeOf("nobody").end == 0);
}

}  // namespace alidade
