// SPDX-License-Identifier: Apache-2.0
//
// The packet cursor of our programs (bpf/lib/packet.h), run by the kernel on packets of the test's.
#ifndef ALIDADE_TESTS_KERNEL_KERNEL_CURSOR_H_
#define ALIDADE_TESTS_KERNEL_KERNEL_CURSOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

struct packet_cursor_bpf;

namespace alidade::testing {

// struct packet, with ports in host order.
struct CursorPacket {
  bool is_ip = false;
  bool is_ipv6 = false;
  std::array<uint8_t, 16> source{};
  std::array<uint8_t, 16> destination{};
  uint16_t source_port = 0;
  uint16_t destination_port = 0;
  uint8_t protocol = 0;
  uint8_t tcp_flags = 0;
  uint8_t icmp_type = 0;
  uint16_t vlan = 0;
};

// Loads the program for as long as this object exists. Every failure fails the test.
class KernelCursor {
 public:
  KernelCursor();

  // `may_be_direct`: by the short way that plain packets take, when this is one.
  // Nothing when the kernel takes `bytes` for no packet: it wants fourteen, and a whole IP header
  // behind an Ethernet header that announces one.
  std::optional<CursorPacket> Read(const std::vector<std::byte>& bytes, bool is_l3_device,
                                   bool may_be_direct);

 private:
  std::unique_ptr<packet_cursor_bpf, void (*)(packet_cursor_bpf*)> program_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_KERNEL_CURSOR_H_
