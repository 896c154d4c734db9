// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/online_cpus.h"

#include <catch2/catch_test_macros.hpp>

namespace alidade {

TEST_CASE("a list of CPUs is read as the kernel writes it", "[capture]") {
  using Cpus = std::vector<uint32_t>;
  CHECK(ParseCpuList("0\n") == Cpus{0});
  CHECK(ParseCpuList("0-3\n") == Cpus{0, 1, 2, 3});
  CHECK(ParseCpuList("0,2-3,8") == Cpus{0, 2, 3, 8});
  for (const char* wrong : {"", "\n", "0,", "a", "3-1", "0-", "-1", "0-99999999", "0 1"}) {
    INFO(wrong);
    CHECK_FALSE(ParseCpuList(wrong).has_value());
  }
  REQUIRE(OnlineCpus().ok());
  CHECK_FALSE(OnlineCpus()->empty());
}

}  // namespace alidade
