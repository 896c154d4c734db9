// SPDX-License-Identifier: Apache-2.0
//
// Any bytes inside a tunnel. The first byte chooses VXLAN or Geneve; the rest is the UDP payload of
// a sound outer packet, so that no input is spent on getting there.
#include <cstdlib>

#include "bpf/events.h"
#include "parser/packet.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {
namespace {

void CheckTunnel(const ByteVector& packet, uint8_t flags, Origin origin) {
  PacketLayers layers;
  TunnelLayer tunnel;
  const DecodeError error = DecodePacket(packet, flags, origin, &layers, &tunnel);
  if (error == DecodeError::kOverlayDecode && origin == Origin::kCilium) return;
  if (error != DecodeError::kNone) std::abort();
  const bool is_open = tunnel.protocol != flow::Tunnel_Protocol_UNKNOWN;
  if (!is_open && origin == Origin::kCilium) std::abort();
  if (is_open && tunnel.l4.protocol != L4Protocol::kUdp) std::abort();
  if (tunnel.vni > 0xffffff) std::abort();
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace alidade;           // NOLINT(google-build-using-namespace)
  using namespace alidade::testing;  // NOLINT(google-build-using-namespace)
  if (size == 0) return 0;
  const uint8_t flags = data[0] % 2 == 0 ? NOTIFY_FLAG_VXLAN : NOTIFY_FLAG_GENEVE;
  ByteVector packet = Ethernet().Ipv4("10.0.0.1", "10.0.0.2").Udp(40000, 8472).Build();
  const auto* payload = reinterpret_cast<const std::byte*>(data + 1);
  packet.insert(packet.end(), payload, payload + size - 1);
  // Lengths that say nothing: what is there counts.
  packet[16] = packet[17] = packet[38] = packet[39] = std::byte{0};
  CheckTunnel(packet, flags, Origin::kEbpf);
  CheckTunnel(packet, flags, Origin::kCilium);
  return 0;
}
