// SPDX-License-Identifier: Apache-2.0
//
// Random version 4 UUIDs (RFC 9562 section 5.4), quick enough for one per event. They name flows,
// they keep no secret: the generator is seeded by the kernel and is not cryptographic.
#ifndef ALIDADE_AGENT_UUID_GENERATOR_H_
#define ALIDADE_AGENT_UUID_GENERATOR_H_

#include <array>
#include <cstdint>

namespace alidade {

// Thread: one thread uses an object.
class UuidGenerator {
 public:
  UuidGenerator();
  std::array<uint8_t, 16> Next();

 private:
  uint64_t NextWord();

  std::array<uint64_t, 4> state_;  // xoshiro256** of Blackman and Vigna, never all zero
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_UUID_GENERATOR_H_
