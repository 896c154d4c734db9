// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/feature_probe.h"

#include <catch2/catch_test_macros.hpp>

namespace alidade {

TEST_CASE("cgroup v2 is found beside cgroup v1, and only as a whole", "[capture]") {
  const auto root = FindCgroupV2RootIn(
      "24 1 8:1 / / rw shared:1 - ext4 /dev/vda rw\n"
      "30 24 0:26 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
      "31 24 0:27 /kubepods /mnt/part rw - cgroup2 cgroup2 rw\n"
      "32 24 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:9 - cgroup2 cgroup2 rw\n");
  REQUIRE(root.ok());
  CHECK(*root == "/sys/fs/cgroup/unified");
  CHECK(absl::IsNotFound(FindCgroupV2RootIn("").status()));
  CHECK(absl::IsNotFound(FindCgroupV2RootIn("garbage - \n - cgroup2\n").status()));
}

}  // namespace alidade
