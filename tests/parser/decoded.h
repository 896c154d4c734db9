// SPDX-License-Identifier: Apache-2.0
//
// What the decoder makes of a packet of our own programs.
#ifndef ALIDADE_TESTS_PARSER_DECODED_H_
#define ALIDADE_TESTS_PARSER_DECODED_H_

#include <catch2/catch_test_macros.hpp>
#include <cstdint>

#include "parser/packet.h"
#include "tests/support/packet_builder.h"

namespace alidade::testing {

struct Decoded {
  PacketLayers packet;
  TunnelLayer tunnel;
};

// Never an error: that is the promise.
inline Decoded Decode(const ByteVector& bytes, uint8_t flags = 0) {
  Decoded decoded;
  REQUIRE(DecodePacket(bytes, flags, Origin::kEbpf, &decoded.packet, &decoded.tunnel) ==
          DecodeError::kNone);
  return decoded;
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_PARSER_DECODED_H_
