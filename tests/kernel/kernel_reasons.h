// SPDX-License-Identifier: Apache-2.0
//
// What the running kernel can say of a drop.
#ifndef ALIDADE_TESTS_KERNEL_KERNEL_REASONS_H_
#define ALIDADE_TESTS_KERNEL_KERNEL_REASONS_H_

#include <catch2/catch_test_macros.hpp>

#include "agent/capture/drop_reasons.h"

namespace alidade::testing {

// Read once. A kernel whose BTF cannot be read fails the test.
inline const DropReasons& KernelReasons() {
  static const DropReasons kReasons = [] {
    const absl::StatusOr<KernelTypes> types = KernelTypes::Read();
    REQUIRE(types.ok());
    return DropReasons::Of(*types);
  }();
  return kReasons;
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_KERNEL_REASONS_H_
