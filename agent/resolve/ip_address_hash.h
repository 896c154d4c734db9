// SPDX-License-Identifier: Apache-2.0
#ifndef ALIDADE_AGENT_RESOLVE_IP_ADDRESS_HASH_H_
#define ALIDADE_AGENT_RESOLVE_IP_ADDRESS_HASH_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "parser/ip_address.h"

namespace alidade {

// For unordered containers; `extra` is what else a key has beside the address.
struct IpAddressHash {
  size_t operator()(const IpAddress& address, uint64_t extra = 0) const {
    uint64_t words[2];
    std::memcpy(words, address.bytes.data(), sizeof(words));
    // 2^64 divided by the golden ratio (Fibonacci hashing); the upper half has the good bits.
    constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15u;
    const uint64_t mixed = (words[0] ^ (words[1] + extra) * kMultiplier) * kMultiplier;
    return static_cast<size_t>(mixed ^ mixed >> 32);
  }
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_IP_ADDRESS_HASH_H_
