// SPDX-License-Identifier: Apache-2.0
#include "ringbuffer/event_ring.h"

#include <catch2/catch_test_macros.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/ringbuffer/numbered_record.h"

namespace alidade {
namespace {

using test::Mix;
using test::NumberedRecord;
using test::RecordSizes;

constexpr size_t kWordBytes = 8;

bool IsNotYetWritten(const EventRing::ReadOutcome& outcome) {
  return std::holds_alternative<EventRing::NotYetWritten>(outcome);
}

// What an Overwritten says; nothing for the other outcomes.
std::optional<uint64_t> OldestOf(const EventRing::ReadOutcome& outcome) {
  const auto* overwritten = std::get_if<EventRing::Overwritten>(&outcome);
  return overwritten != nullptr ? std::optional(overwritten->oldest) : std::nullopt;
}

// Both kinds of read of a readable record agree and return what was appended.
bool IsWhole(const EventRing& ring, uint64_t number, NumberedRecord& record) {
  const auto full = record.ReadFrom(ring, number);
  const auto* value = std::get_if<EventRing::Value>(&full);
  if (value == nullptr || !record.HasHeaderOf(number, *value) || !record.HasBodyOf(number)) {
    return false;
  }
  const auto header = record.ReadHeaderFrom(ring, number);
  value = std::get_if<EventRing::Value>(&header);
  return value != nullptr && record.HasHeaderOf(number, *value);
}

// Appends a body of `words` words, without a header.
void AppendWords(EventRing& ring, size_t words) {
  const std::vector<std::byte> body(words * kWordBytes);
  REQUIRE(ring.Append({}, body));
}

std::span<const std::byte> BytesOf(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST_CASE("a capacity is one less than a power of two, from 1 to 65535", "[ringbuffer]") {
  for (uint64_t bits = 1; bits <= 16; ++bits) {
    CHECK(EventRing::IsValidCapacity((uint64_t{1} << bits) - 1));
  }
  for (const uint64_t wrong : {uint64_t{0}, uint64_t{2}, uint64_t{4094}, uint64_t{4096},
                               uint64_t{65534}, uint64_t{65536}, uint64_t{131071}, UINT64_MAX}) {
    CHECK_FALSE(EventRing::IsValidCapacity(wrong));
  }
}

TEST_CASE("in a new ring nothing is written yet", "[ringbuffer]") {
  const EventRing ring({.capacity = 3, .header_bytes = 8, .arena_bytes = 1024});
  std::vector<std::byte> header(8);
  std::string body;
  CHECK(ring.written() == 0);
  CHECK(ring.oldest() == 0);
  CHECK(ring.size() == 0);
  CHECK(ring.capacity() == 3);
  CHECK(ring.header_bytes() == 8);
  CHECK(IsNotYetWritten(ring.Read(0, header, &body)));
  CHECK(IsNotYetWritten(ring.ReadHeader(0, header)));
  CHECK(IsNotYetWritten(ring.ReadHeader(UINT64_MAX, header)));
}

TEST_CASE("a record is readable as soon as it is appended", "[ringbuffer]") {
  EventRing ring({.capacity = 3, .header_bytes = 8, .arena_bytes = 1024});
  REQUIRE(ring.Append(BytesOf("header 0"), BytesOf("the body")));

  std::string header(8, '\0');
  std::string body = "what was here before, and longer";
  const auto outcome = ring.Read(0, std::as_writable_bytes(std::span(header)), &body);
  REQUIRE(std::holds_alternative<EventRing::Value>(outcome));
  CHECK(std::get<EventRing::Value>(outcome).body_bytes == 8);
  CHECK(header == "header 0");
  CHECK(body == "the body");
  CHECK(ring.size() == 1);
  CHECK(IsNotYetWritten(ring.ReadHeader(1, std::as_writable_bytes(std::span(header)))));
}

TEST_CASE("bodies of every length come back whole, whatever the reader's alignment",
          "[ringbuffer]") {
  EventRing ring({.capacity = 63, .header_bytes = 16, .arena_bytes = 4096});
  std::vector<std::byte> sent_header(16);
  std::vector<std::byte> buffer(17);
  const std::span<std::byte> unaligned = std::span(buffer).subspan(1);
  std::string body;
  for (uint64_t length = 0; length <= 40; ++length) {
    std::vector<std::byte> sent_body(length);  // exactly as long, so that asan sees one byte more
    test::Fill(length, sent_body);
    test::Fill(~length, sent_header);
    REQUIRE(ring.Append(sent_header, sent_body));
    const auto outcome = ring.Read(length, unaligned, &body);
    REQUIRE(std::holds_alternative<EventRing::Value>(outcome));
    CHECK(std::get<EventRing::Value>(outcome).body_bytes == length);
    CHECK(body.size() == length);
    CHECK(test::IsFilled(length, std::as_bytes(std::span(body))));
    CHECK(test::IsFilled(~length, unaligned));
  }
}

TEST_CASE("a ring without headers holds bodies, empty ones too", "[ringbuffer]") {
  EventRing ring({.capacity = 3, .header_bytes = 0, .arena_bytes = 64});
  std::string body;
  for (uint64_t n = 0; n < 100; ++n) {
    REQUIRE(ring.Append({}, {}));
    CHECK(std::holds_alternative<EventRing::Value>(ring.Read(n, {}, &body)));
    CHECK(body.empty());
  }
  CHECK(ring.oldest() == 97);
}

TEST_CASE("when the index wraps, exactly the newest `capacity` records are readable",
          "[ringbuffer]") {
  constexpr uint64_t kCapacity = 7;
  const RecordSizes sizes{.header_bytes = 8, .max_body_bytes = 64};
  EventRing ring({.capacity = kCapacity, .header_bytes = 8, .arena_bytes = 65536});
  NumberedRecord record(sizes);
  for (uint64_t n = 0; n < 100; ++n) {
    REQUIRE(record.AppendTo(ring, n));
    const uint64_t oldest = n + 1 > kCapacity ? n + 1 - kCapacity : 0;
    REQUIRE(ring.written() == n + 1);
    REQUIRE(ring.oldest() == oldest);
    REQUIRE(ring.size() == n + 1 - oldest);
    for (uint64_t gone = 0; gone < oldest; ++gone) {
      REQUIRE(OldestOf(record.ReadFrom(ring, gone)) == oldest);
      REQUIRE(OldestOf(record.ReadHeaderFrom(ring, gone)) == oldest);
    }
    for (uint64_t kept = oldest; kept <= n; ++kept) REQUIRE(IsWhole(ring, kept, record));
    REQUIRE(IsNotYetWritten(record.ReadFrom(ring, n + 1)));
  }
}

TEST_CASE("a ring of capacity one holds the newest record", "[ringbuffer]") {
  const RecordSizes sizes{.header_bytes = 8, .max_body_bytes = 200};
  EventRing ring({.capacity = 1, .header_bytes = 8, .arena_bytes = 1024});
  NumberedRecord record(sizes);
  for (uint64_t n = 0; n < 50; ++n) {
    REQUIRE(record.AppendTo(ring, n));
    REQUIRE(ring.oldest() == n);
    REQUIRE(ring.size() == 1);
    REQUIRE(IsWhole(ring, n, record));
    if (n > 0) REQUIRE(OldestOf(record.ReadFrom(ring, n - 1)) == n);
  }
}

TEST_CASE("a record across the end of the arena is whole", "[ringbuffer]") {
  // 15 words each in an arena of 128: the end falls on every word of header and body in turn.
  constexpr uint64_t kRecords = 1000;
  EventRing ring({.capacity = 7, .header_bytes = 16, .arena_bytes = 1024});
  std::vector<std::byte> header(16);
  std::vector<std::byte> sent(100);
  std::string body;
  for (uint64_t n = 0; n < kRecords; ++n) {
    test::Fill(n, sent);
    test::Fill(~n, header);
    REQUIRE(ring.Append(header, sent));
    for (uint64_t kept = ring.oldest(); kept <= n; ++kept) {
      REQUIRE(std::holds_alternative<EventRing::Value>(ring.Read(kept, header, &body)));
      REQUIRE(body.size() == sent.size());
      REQUIRE(test::IsFilled(~kept, header));
      REQUIRE(test::IsFilled(kept, std::as_bytes(std::span(body))));
    }
  }
}

TEST_CASE("when the arena is full, just as many of the oldest go as the new record needs",
          "[ringbuffer]") {
  EventRing ring({.capacity = 63, .header_bytes = 0, .arena_bytes = 64 * kWordBytes});
  for (int i = 0; i < 8; ++i) AppendWords(ring, 8);
  CHECK(ring.oldest() == 0);  // 8 x 8 words fill it exactly

  AppendWords(ring, 1);
  CHECK(ring.oldest() == 1);
  AppendWords(ring, 7);  // fills what the first eviction left
  CHECK(ring.oldest() == 1);
  AppendWords(ring, 9);
  CHECK(ring.oldest() == 3);
  AppendWords(ring, 16);
  CHECK(ring.oldest() == 5);
  AppendWords(ring, 0);
  CHECK(ring.oldest() == 5);
  CHECK(ring.size() == 8);

  std::string body;
  CHECK(OldestOf(ring.Read(0, {}, &body)) == 5);
  CHECK(OldestOf(ring.Read(4, {}, &body)) == 5);
  CHECK(std::holds_alternative<EventRing::Value>(ring.Read(5, {}, &body)));
}

TEST_CASE("a record above a quarter of the arena is refused and counted", "[ringbuffer]") {
  EventRing ring({.capacity = 63, .header_bytes = 8, .arena_bytes = 1024});
  const std::vector<std::byte> header(8);
  const std::vector<std::byte> quarter(256 - 8);
  const std::vector<std::byte> above(256 - 8 + 1);
  REQUIRE(ring.Append(header, quarter));
  CHECK(ring.oversize() == 0);

  CHECK_FALSE(ring.Append(header, above));
  CHECK_FALSE(ring.Append(header, above));
  CHECK(ring.oversize() == 2);
  CHECK(ring.written() == 1);
  CHECK(ring.size() == 1);

  for (int i = 0; i < 10; ++i) REQUIRE(ring.Append(header, quarter));
  CHECK(ring.size() == 4);
  CHECK(ring.oldest() == 7);
}

TEST_CASE("the arena is rounded up to a power of two", "[ringbuffer]") {
  EventRing ring({.capacity = 63, .header_bytes = 0, .arena_bytes = 33 * kWordBytes});
  for (int i = 0; i < 8; ++i) AppendWords(ring, 8);
  CHECK(ring.size() == 8);
  AppendWords(ring, 1);
  CHECK(ring.size() == 8);
}

// The ring as one would write it without threads and without a limit on memory.
struct Model {
  uint64_t capacity;
  uint64_t arena_words;
  uint64_t written = 0;
  uint64_t oversize = 0;
  uint64_t kept_words = 0;
  std::deque<uint64_t> kept{};  // words of each readable record, the newest last

  uint64_t oldest() const { return written - kept.size(); }

  bool Append(uint64_t words) {
    if (words > arena_words / 4) {
      ++oversize;
      return false;
    }
    kept.push_back(words);
    kept_words += words;
    ++written;
    while (kept.size() > capacity || kept_words > arena_words) {
      kept_words -= kept.front();
      kept.pop_front();
    }
    return true;
  }
};

void CompareWithModel(const EventRing::Options& options, uint32_t max_body_bytes) {
  const RecordSizes sizes{options.header_bytes, max_body_bytes};
  EventRing ring(options);
  Model model{.capacity = options.capacity, .arena_words = options.arena_bytes / kWordBytes};
  NumberedRecord record(sizes);
  const std::vector<std::byte> header(options.header_bytes);
  const uint64_t header_words = header.size() / kWordBytes;
  const std::vector<std::byte> too_large(options.arena_bytes / 4);
  for (int i = 0; i < 5000; ++i) {
    if (Mix(static_cast<uint64_t>(i)) % 50 == 0) {
      REQUIRE_FALSE(ring.Append(header, too_large));
      REQUIRE_FALSE(model.Append(header_words + too_large.size() / kWordBytes));
    }
    const uint64_t body_words = (sizes.BodyBytes(model.written) + kWordBytes - 1) / kWordBytes;
    const uint64_t number = model.written;
    REQUIRE(model.Append(header_words + body_words));
    REQUIRE(record.AppendTo(ring, number));

    REQUIRE(ring.written() == model.written);
    REQUIRE(ring.oldest() == model.oldest());
    REQUIRE(ring.size() == model.kept.size());
    REQUIRE(ring.oversize() == model.oversize);
    REQUIRE(IsWhole(ring, model.oldest(), record));
    REQUIRE(IsWhole(ring, number, record));
    if (const uint64_t oldest = model.oldest(); oldest > 0) {
      REQUIRE(OldestOf(record.ReadFrom(ring, oldest - 1)) == oldest);
      REQUIRE(OldestOf(record.ReadHeaderFrom(ring, Mix(number) % oldest)) == oldest);
    }
    if (i % 61 == 0) {
      for (uint64_t n = model.oldest(); n < model.written; ++n) REQUIRE(IsWhole(ring, n, record));
    }
  }
}

TEST_CASE("records of all sizes agree with a deque", "[ringbuffer]") {
  SECTION("limited by the index") {
    CompareWithModel({.capacity = 15, .header_bytes = 24, .arena_bytes = 65536}, 500);
  }
  SECTION("limited by the arena") {
    CompareWithModel({.capacity = 255, .header_bytes = 24, .arena_bytes = 4096}, 900);
  }
  SECTION("limited now by one, now by the other") {
    CompareWithModel({.capacity = 31, .header_bytes = 24, .arena_bytes = 4096}, 900);
  }
  SECTION("with room for a single record") {
    CompareWithModel({.capacity = 1, .header_bytes = 24, .arena_bytes = 512}, 100);
  }
}

}  // namespace
}  // namespace alidade
