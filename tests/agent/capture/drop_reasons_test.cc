// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/drop_reasons.h"

#include <bpf/btf.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>

namespace alidade {

TEST_CASE("what was done with is no drop, what has no near reason is unknown", "[capture]") {
  CHECK_FALSE(MeaningOfDropReason("CONSUMED").is_drop);
  CHECK_FALSE(MeaningOfDropReason("SOCKET_CLOSE").is_drop);
  CHECK_FALSE(MeaningOfDropReason("TCP_RESET").is_drop);
  CHECK(MeaningOfDropReason("NETFILTER_DROP").reason == flow::POLICY_DENIED);
  CHECK(MeaningOfDropReason("NO_SOCKET").reason == flow::SOCKET_LOOKUP_FAILED);
  for (const char* name :
       {"NOT_SPECIFIED", "QDISC_DROP", "PKT_TOO_BIG", "A_REASON_OF_A_LATER_KERNEL"}) {
    CHECK(MeaningOfDropReason(name).is_drop);
    CHECK(MeaningOfDropReason(name).reason == flow::DROP_REASON_UNKNOWN);
  }
}

TEST_CASE("the table of reasons is sorted by name", "[capture]") {
  const auto rows = DropMeanings();
  CHECK(std::is_sorted(rows.begin(), rows.end(),
                       [](const auto& a, const auto& b) { return a.kernel_name < b.kernel_name; }));
}

TEST_CASE("the documented table of reasons is the one that is used", "[capture]") {
  const auto row = [](std::string_view name, const DropMeaning& meaning) {
    return "| " + std::string(name) + " | " +
           (meaning.is_drop ? flow::DropReason_Name(meaning.reason) : "not a drop") +
           (meaning.is_drop_when_empty ? "" : "; of an empty segment: not a drop") + " |\n";
  };
  std::string expected = "| kernel's reason | Hubble's reason |\n| --- | --- |\n";
  for (const NamedDropMeaning& entry : DropMeanings()) {
    expected += row(entry.kernel_name, entry.meaning);
  }
  std::string exceptions = "| kernel's reason and function | Hubble's reason |\n| --- | --- |\n";
  for (const DropException& entry : DropExceptions()) {
    std::string name(entry.kernel_name);
    if (!entry.function.empty()) name += " in `" + std::string(entry.function) + "`";
    if (!entry.unless.empty()) name += " without " + std::string(entry.unless);
    exceptions += row(name, entry.meaning);
  }
  std::ifstream file(ALIDADE_SOURCE_DIR "/docs/drop-reasons.md");
  std::ostringstream text;
  text << file.rdbuf();
  INFO("docs/drop-reasons.md should have these tables:\n" << expected << "\n" << exceptions);
  CHECK(text.str().find(expected) != std::string::npos);
  CHECK(text.str().find(exceptions) != std::string::npos);
}

TEST_CASE("reasons of subsystems are read from the kernel's and the modules' BTF", "[capture]") {
  const std::unique_ptr<btf, void (*)(btf*)> kernel(btf__new_empty(), btf__free);
  REQUIRE(btf__add_enum(kernel.get(), "skb_drop_reason", 4) > 0);
  btf__add_enum_value(kernel.get(), "SKB_NOT_DROPPED_YET", 0);
  btf__add_enum_value(kernel.get(), "SKB_DROP_REASON_NO_SOCKET", 3);
  btf__add_enum_value(kernel.get(), "SKB_DROP_REASON_MAX", 4);
  REQUIRE(btf__add_enum(kernel.get(), "skb_drop_reason_subsys", 4) > 0);
  btf__add_enum_value(kernel.get(), "SKB_DROP_REASON_SUBSYS_CORE", 0);
  btf__add_enum_value(kernel.get(), "SKB_DROP_REASON_SUBSYS_MAC80211_UNUSABLE", 1);
  btf__add_enum_value(kernel.get(), "SKB_DROP_REASON_SUBSYS_OPENVSWITCH", 2);
  btf__add_enum_value(kernel.get(), "SKB_DROP_REASON_SUBSYS_QDISC", 3);
  REQUIRE(btf__add_enum(kernel.get(), "qdisc_drop_reason", 4) > 0);
  btf__add_enum_value(kernel.get(), "QDISC_DROP_UNSPEC", 0);
  btf__add_enum_value(kernel.get(), "__QDISC_DROP_REASON", 0x30000);
  btf__add_enum_value(kernel.get(), "QDISC_DROP_HORIZON_LIMIT", 0x30007);
  const std::unique_ptr<btf, void (*)(btf*)> module(btf__new_empty_split(kernel.get()), btf__free);
  REQUIRE(btf__add_enum(module.get(), "ovs_drop_reason", 4) > 0);
  btf__add_enum_value(module.get(), "__OVS_DROP_REASON", 0x20000);
  btf__add_enum_value(module.get(), "OVS_DROP_IP_TTL", 0x2000b);
  btf__add_enum_value(module.get(), "OVS_DROP_MAX", 0x2000c);

  DropReasons reasons;
  reasons.AddCore(kernel.get());
  reasons.AddSubsystems(kernel.get(), 1);
  CHECK(reasons.Name(3) == "NO_SOCKET");
  CHECK(reasons.Name(4).empty());
  CHECK(reasons.Name(0x30007) == "QDISC_DROP_HORIZON_LIMIT");
  // Of a module that is loaded later the subsystem is known.
  CHECK(reasons.Name(0x2000b) == "OPENVSWITCH");
  CHECK(reasons.Name(0x1000b) == "MAC80211_UNUSABLE");
  CHECK(reasons.Name(0x4000b).empty());
  reasons.AddSubsystems(module.get(), btf__type_cnt(kernel.get()));
  CHECK(reasons.Name(0x2000b) == "OVS_DROP_IP_TTL");
  CHECK(reasons.Name(0x2000c) == "OPENVSWITCH");
  CHECK(reasons.rules()[drop_rule_index(0x2000b)].reason == flow::TTL_EXCEEDED);
  CHECK(reasons.rules()[drop_rule_index(0x30007)].reason ==
        flow::REACHED_EDT_RATE_LIMITING_DROP_HORIZON);
  CHECK(reasons.rules()[drop_rule_index(0x20003)].reason == 0);
}

TEST_CASE("each reason has a rule of its own or none", "[capture]") {
  CHECK(drop_rule_index(0) == 0);
  CHECK(drop_rule_index(CORE_DROP_RULES - 1) == CORE_DROP_RULES - 1);
  CHECK(drop_rule_index(CORE_DROP_RULES) == DROP_RULES);
  CHECK(drop_rule_index(0x10000) == CORE_DROP_RULES);
  CHECK(drop_rule_index(0x1003f) == CORE_DROP_RULES + SUBSYSTEM_DROP_RULES - 1);
  CHECK(drop_rule_index(0x10040) == DROP_RULES);
  CHECK(drop_rule_index(0x4003f) == DROP_RULES - 1);
  CHECK(drop_rule_index(0x50000) == DROP_RULES);
  CHECK(drop_rule_index(0xffffffff) == DROP_RULES);
}

TEST_CASE("the running kernel's reasons are read by name", "[capture]") {
  const absl::StatusOr<KernelTypes> types = KernelTypes::Read();
  const DropReasons reasons = types.ok() ? DropReasons::Of(*types) : DropReasons();
  if (!reasons.has_reasons()) SKIP("this kernel does not name its drop reasons");
  uint32_t netfilter = DROP_RULES;
  for (uint32_t number = 0; number < DROP_RULES; ++number) {
    if (reasons.Name(number) == "NETFILTER_DROP") netfilter = number;
  }
  REQUIRE(netfilter < DROP_RULES);
  CHECK(reasons.rules()[netfilter].reason == flow::POLICY_DENIED);
  CHECK(reasons.rules()[netfilter].ignore == IGNORE_NO_PACKET);
  CHECK(reasons.rules()[0].ignore == IGNORE_ALL);
  CHECK(reasons.Name(0xffffffff).empty());
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
