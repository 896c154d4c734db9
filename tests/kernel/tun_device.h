// SPDX-License-Identifier: Apache-2.0
//
// A device whose other end is this program: what is written here comes in there.
#ifndef ALIDADE_TESTS_KERNEL_TUN_DEVICE_H_
#define ALIDADE_TESTS_KERNEL_TUN_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/kernel/netns.h"
#include "tests/kernel/traffic.h"

namespace alidade::testing {

// Exists, down, in `host` as long as this object.
class TunDevice {
 public:
  enum Layer { kL2, kL3 };  // frames with an Ethernet header (tap), or IP packets (tun)
  TunDevice(const NetworkNamespace& host, const std::string& name, Layer layer);

  // One packet. The kernel leaves only its first `linear` bytes in one piece, when it is larger
  // than a page; 0: all of it.
  void Write(const std::vector<std::byte>& packet, uint16_t linear = 0) const;

 private:
  Socket device_;  // closes it
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_TUN_DEVICE_H_
