// SPDX-License-Identifier: Apache-2.0
//
// What an event source hands to the parser: borrowed bytes and what the ring knew about them.
#ifndef ALIDADE_PARSER_RAW_EVENT_H_
#define ALIDADE_PARSER_RAW_EVENT_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace alidade {

// Who wrote the bytes. It decides whether there can be an extension of ours, and whether a packet
// is decoded as Cilium's own parser does (kCilium) or as far as the bytes allow (kEbpf).
enum class Origin : uint8_t { kEbpf, kCilium };

struct RawEvent {
  std::span<const std::byte> bytes;  // one perf sample; may carry up to 7 bytes of padding
  int64_t time_ns = 0;               // when it was seen, since the Unix epoch
  uint32_t cpu = 0;
  Origin origin = Origin::kEbpf;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_RAW_EVENT_H_
