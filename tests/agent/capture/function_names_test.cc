// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/function_names.h"

#include <stdlib.h>

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.h"

namespace alidade::testing {
namespace {

// Files of the kernel's form that a test writes.
struct KernelFiles {
  const TemporaryFolder folder;

  std::string symbols() const { return folder / "kallsyms"; }
  std::string modules() const { return folder / "modules"; }

  void Write(const std::string& symbols_text, const std::string& modules_text) const {
    std::ofstream(symbols()) << symbols_text;
    std::ofstream(modules()) << modules_text;
  }
};

constexpr const char* kBefore =
    "0000000000001000 T first\n"
    "0000000000002000 t second.isra.0\n"
    "00000000c0001000 t bpf_prog_f00d_trace\t[bpf]\n"
    "00000000c0003000 t vxlan_rcv\t[vxlan]\n";
constexpr const char* kAfter =
    "0000000000001000 T first\n"
    "0000000000002000 t second.isra.0\n"
    "00000000c0001000 t bpf_prog_f00d_trace\t[bpf]\n"
    "00000000c0002000 t gre_rcv\t[gre]\n"
    "00000000c0003000 t vxlan_rcv\t[vxlan]\n"
    "00000000c0004000 t ipip_rcv\t[ipip]\n";

}  // namespace

TEST_CASE("code is named by its function, but for BPF programs", "[capture]") {
  const KernelFiles files;
  files.Write(kBefore, "vxlan 114688 0 - Live 0x0000000000000000\n");
  FunctionNames names(files.symbols(), files.modules());
  CHECK(names.NameOf(0xfff).empty());
  CHECK(names.NameOf(0x1000) == "first");
  CHECK(names.NameOf(0x2abc) == "second");
  CHECK(names.NameOf(0xc0001010).empty());
  CHECK(names.NameOf(0xc0002010).empty());
  CHECK(names.NameOf(0xc0003010) == "vxlan_rcv");
  CHECK(names.symbols().RangeOf("first").end == 0x2000);
}

TEST_CASE("modules that come later have names, too", "[capture]") {
  const KernelFiles files;
  files.Write(kBefore, "vxlan 114688 0 - Live 0x0000000000000000\n");
  FunctionNames names(files.symbols(), files.modules());
  const std::string_view first = names.NameOf(0x1004);
  files.Write(kAfter,
              "gre 16384 0 - Live 0x0000000000000000\nvxlan 114688 1 - Live 0x0000000000000000\n");
  CHECK(names.NameOf(0xc0002010) == "gre_rcv");
  // Not the last one that was there before.
  CHECK(names.NameOf(0xc0004010) == "ipip_rcv");
  CHECK(names.NameOf(0x2abc) == "second");
  CHECK(first == "first");
}

TEST_CASE("what the kernel hides has no name", "[capture]") {
  const KernelFiles files;
  files.Write("0000000000000000 T first\n", "");
  FunctionNames names(files.symbols(), files.modules());
  CHECK(names.symbols().size() == 0);
  CHECK(names.NameOf(0x1000).empty());
  FunctionNames none("/nonexistent", "/nonexistent");
  CHECK(none.NameOf(0x1000).empty());
}

}  // namespace alidade::testing
