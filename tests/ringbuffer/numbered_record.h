// SPDX-License-Identifier: Apache-2.0
//
// Records for tests, whose bytes and size follow from the record's number: a copy that mixes two
// records, or is the wrong one, shows.
#ifndef ALIDADE_TESTS_RINGBUFFER_NUMBERED_RECORD_H_
#define ALIDADE_TESTS_RINGBUFFER_NUMBERED_RECORD_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "ringbuffer/event_ring.h"

namespace alidade::test {

// The SplitMix64 step (Steele, Lea, Flood 2014): one bit of input changes half of the output.
inline uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// One word of a record's bytes. Cheap, so that the threads of a stress test spend their time
// copying.
inline uint64_t WordAt(uint64_t base, size_t offset) { return base + offset * 0x9e3779b97f4a7c15; }

// Fills with the bytes that have this seed.
inline void Fill(uint64_t seed, std::span<std::byte> bytes) {
  const uint64_t base = Mix(seed);
  for (size_t offset = 0; offset < bytes.size(); offset += sizeof(uint64_t)) {
    const uint64_t word = WordAt(base, offset);
    std::memcpy(&bytes[offset], &word, std::min(sizeof(word), bytes.size() - offset));
  }
}

inline bool IsFilled(uint64_t seed, std::span<const std::byte> bytes) {
  const uint64_t base = Mix(seed);
  for (size_t offset = 0; offset < bytes.size(); offset += sizeof(uint64_t)) {
    const uint64_t word = WordAt(base, offset);
    const size_t size = std::min(sizeof(word), bytes.size() - offset);
    if (std::memcmp(&bytes[offset], &word, size) != 0) return false;
  }
  return true;
}

// Sizes of the numbered records of one ring. One body in sixteen may be up to the maximum, the
// others up to an eighth of it.
struct RecordSizes {
  uint32_t header_bytes;
  uint32_t max_body_bytes;

  uint32_t BodyBytes(uint64_t number) const {
    const uint64_t choice = Mix(~number);
    const uint32_t limit = choice % 16 == 0 ? max_body_bytes : max_body_bytes / 8;
    return static_cast<uint32_t>((choice >> 32) % (uint64_t{limit} + 1));
  }
};

// A header and a body, and whether they are those of a number. Reused from record to record.
class NumberedRecord {
 public:
  explicit NumberedRecord(const RecordSizes& sizes) : sizes_(sizes), header_(sizes.header_bytes) {}

  bool AppendTo(EventRing& ring, uint64_t number) {
    Fill(2 * number, header_);
    body_.resize(sizes_.BodyBytes(number));
    Fill(2 * number + 1, std::as_writable_bytes(std::span(body_)));
    return ring.Append(header_, std::as_bytes(std::span(body_)));
  }

  EventRing::ReadOutcome ReadFrom(const EventRing& ring, uint64_t number) {
    return ring.Read(number, header_, &body_);
  }
  EventRing::ReadOutcome ReadHeaderFrom(const EventRing& ring, uint64_t number) {
    return ring.ReadHeader(number, header_);
  }

  bool HasHeaderOf(uint64_t number, const EventRing::Value& value) const {
    return value.body_bytes == sizes_.BodyBytes(number) && IsFilled(2 * number, header_);
  }
  bool HasBodyOf(uint64_t number) const {
    return body_.size() == sizes_.BodyBytes(number) &&
           IsFilled(2 * number + 1, std::as_bytes(std::span(body_)));
  }

 private:
  RecordSizes sizes_;
  std::vector<std::byte> header_;
  std::string body_;
};

}  // namespace alidade::test

#endif  // ALIDADE_TESTS_RINGBUFFER_NUMBERED_RECORD_H_
