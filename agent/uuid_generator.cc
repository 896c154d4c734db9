// SPDX-License-Identifier: Apache-2.0
#include "agent/uuid_generator.h"

#include <cstring>
#include <random>

namespace alidade {

UuidGenerator::UuidGenerator() {
  std::random_device kernel;
  for (uint64_t& word : state_) word = (uint64_t{kernel()} << 32) | kernel() | 1;
}

uint64_t UuidGenerator::NextWord() {
  const auto rotate = [](uint64_t x, int bits) { return (x << bits) | (x >> (64 - bits)); };
  const uint64_t result = rotate(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = rotate(state_[3], 45);
  return result;
}

std::array<uint8_t, 16> UuidGenerator::Next() {
  const uint64_t words[2] = {NextWord(), NextWord()};
  std::array<uint8_t, 16> uuid;
  std::memcpy(uuid.data(), words, sizeof(words));
  uuid[6] = static_cast<uint8_t>((uuid[6] & 0x0f) | 0x40);  // version 4
  uuid[8] = static_cast<uint8_t>((uuid[8] & 0x3f) | 0x80);  // variant 10
  return uuid;
}

}  // namespace alidade
