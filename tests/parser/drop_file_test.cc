// SPDX-License-Identifier: Apache-2.0
#include "parser/drop_file.h"

#include <catch2/catch_test_macros.hpp>

namespace alidade::testing {
namespace {

TEST_CASE("Cilium's source files have names and unknown ones their number", "[parser]") {
  DropFileBuffer buffer;
  CHECK(DropFileName(1, &buffer) == "bpf_host.c");
  CHECK(DropFileName(7, &buffer) == "bpf_wireguard.c");
  CHECK(DropFileName(101, &buffer) == "drop.h");
  CHECK(DropFileName(115, &buffer) == "classifiers.h");
  CHECK(DropFileName(0, &buffer) == "unknown(0)");
  CHECK(DropFileName(8, &buffer) == "unknown(8)");
  CHECK(DropFileName(100, &buffer) == "unknown(100)");
  CHECK(DropFileName(116, &buffer) == "unknown(116)");
  CHECK(DropFileName(255, &buffer) == "unknown(255)");
}

}  // namespace
}  // namespace alidade::testing
