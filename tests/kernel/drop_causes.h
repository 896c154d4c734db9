// SPDX-License-Identifier: Apache-2.0
//
// How packets that will be dropped are sent, from the calling thread's network namespace, and what
// must be set for it.
#ifndef ALIDADE_TESTS_KERNEL_DROP_CAUSES_H_
#define ALIDADE_TESTS_KERNEL_DROP_CAUSES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/support/packet_builder.h"

namespace alidade::testing {

constexpr uint16_t kTakenPort = 7777;  // what rules and programs of the tests take away

// How a datagram is sent.
struct Datagram {
  std::string to;
  uint16_t port = kTakenPort;
  size_t bytes = 8;
  int time_to_live = 0;  // 0: the default
  bool may_fragment = true;
  int segment_bytes = 0;  // not 0: one call sends several datagrams of this size
};

void Send(uint16_t from_port, const Datagram& datagram);

// Sends an IPv4 packet as it is, but for the header checksum and the length.
void SendRaw(const PacketBuilder& packet, const std::string& to);

// A setting of the whole machine, a file of one line; put back in any case.
class GlobalSetting {
 public:
  explicit GlobalSetting(std::string path);
  ~GlobalSetting() { Restore(); }
  GlobalSetting(const GlobalSetting&) = delete;
  GlobalSetting& operator=(const GlobalSetting&) = delete;

  void Set(const std::string& value);
  void Restore() { Set(value_); }

 private:
  const std::string path_;
  std::string value_;
};

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_DROP_CAUSES_H_
