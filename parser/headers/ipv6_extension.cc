// SPDX-License-Identifier: Apache-2.0
#include "parser/headers/headers.h"

namespace alidade {
namespace {

constexpr size_t kMinBytes = 8;  // of any extension header
constexpr uint16_t kFragmentOffset = 0xfff8;

enum ExtensionHeader : uint8_t { kRouting = 43, kFragment = 44, kDestinationOptions = 60 };

bool IsExtension(uint8_t protocol) {
  return protocol == kProtocolHopByHop || protocol == kRouting || protocol == kFragment ||
         protocol == kProtocolAh || protocol == kDestinationOptions;
}

}  // namespace

NextHeader NextBehindExtensions(uint8_t protocol, Cursor* cursor) {
  for (int i = 0; i < kMaxExtensionHeaders; ++i) {
    if (!IsExtension(protocol)) return NextByProtocol(protocol);
    if (cursor->size() < kMinBytes) return NextHeader::kStop;

    size_t bytes = (cursor->U8(1) + size_t{1}) * 8;
    if (protocol == kProtocolAh) bytes = (cursor->U8(1) + size_t{2}) * 4;
    if (protocol == kFragment) {
      bytes = kMinBytes;
      if ((cursor->U16(2) & kFragmentOffset) != 0) return NextHeader::kStop;
    }
    protocol = cursor->U8(0);
    if (cursor->size() < bytes) return NextHeader::kStop;
    cursor->Skip(bytes);
  }
  return IsExtension(protocol) ? NextHeader::kStop : NextByProtocol(protocol);
}

}  // namespace alidade
