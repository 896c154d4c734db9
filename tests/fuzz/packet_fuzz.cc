// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a captured packet; the first byte holds the flags. Our own decode never fails, and
// both say of their last layer only what they have.
#include <cstdlib>

#include "parser/packet.h"
#include "parser/summary.h"

namespace alidade::testing {
namespace {

struct Decoded {
  DecodeError error = DecodeError::kNone;
  PacketLayers packet;
  TunnelLayer tunnel;
};

Decoded DecodeAs(Origin origin, std::span<const std::byte> bytes, uint8_t flags) {
  Decoded decoded;
  decoded.error = DecodePacket(bytes, flags, origin, &decoded.packet, &decoded.tunnel);
  SummaryBuffer buffer;
  if (Summary(decoded.packet, &buffer).size() > kMaxSummaryBytes) std::abort();
  return decoded;
}

void CheckLastLayer(const PacketLayers& packet) {
  const bool has_ip = packet.ip.version() != IpVersion::kNone;
  const bool has_l4 = packet.l4.protocol != L4Protocol::kNone;
  if (has_l4 && !has_ip) std::abort();
  if (packet.last == LastLayer::kL4 && !has_l4) std::abort();
  if (packet.last == LastLayer::kEthernet && !packet.has_ethernet) std::abort();
  if ((packet.last == LastLayer::kIpV4 || packet.last == LastLayer::kIpV6) && !has_ip) std::abort();
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace alidade;           // NOLINT(google-build-using-namespace)
  using namespace alidade::testing;  // NOLINT(google-build-using-namespace)
  if (size == 0) return 0;
  const std::span bytes(reinterpret_cast<const std::byte*>(data + 1), size - 1);
  const Decoded ours = DecodeAs(Origin::kEbpf, bytes, data[0]);
  const Decoded ciliums = DecodeAs(Origin::kCilium, bytes, data[0]);
  if (ours.error != DecodeError::kNone) std::abort();
  CheckLastLayer(ours.packet);
  if (ciliums.error == DecodeError::kNone) CheckLastLayer(ciliums.packet);
  return 0;
}
