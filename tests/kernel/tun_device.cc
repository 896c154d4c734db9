// SPDX-License-Identifier: Apache-2.0
#include "tests/kernel/tun_device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstring>

namespace alidade::testing {

namespace {

// The device belongs to the namespace of the thread that opens it.
int Open(const NetworkNamespace& host, const std::string& name, TunDevice::Layer layer) {
  int fd = -1;
  host.Inside([&] {
    fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    REQUIRE(fd >= 0);
    ifreq request{};
    const int kind = layer == TunDevice::kL2 ? IFF_TAP : IFF_TUN;
    request.ifr_flags = static_cast<short>(kind | IFF_NO_PI | IFF_VNET_HDR);
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    REQUIRE(ioctl(fd, TUNSETIFF, &request) == 0);
  });
  return fd;
}

}  // namespace

TunDevice::TunDevice(const NetworkNamespace& host, const std::string& name, Layer layer)
    : device_(Open(host, name, layer)) {}

void TunDevice::Write(const std::vector<std::byte>& packet, uint16_t linear) const {
  // struct virtio_net_hdr of linux/virtio_net.h, which is no C++; hdr_len stands at its third byte.
  constexpr size_t kHeaderBytes = 10;
  std::vector<std::byte> bytes(kHeaderBytes + packet.size());
  std::memcpy(bytes.data() + 2, &linear, sizeof(linear));
  std::memcpy(bytes.data() + kHeaderBytes, packet.data(), packet.size());
  REQUIRE(write(device_.fd(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
}

}  // namespace alidade::testing
