// SPDX-License-Identifier: Apache-2.0
//
// One writer and readers of every habit at once. The work is a number of records, not a time; what
// overlaps is up to the scheduler, so each reader checks facts that hold in every schedule.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <latch>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "ringbuffer/event_ring.h"
#include "tests/ringbuffer/numbered_record.h"

namespace alidade {
namespace {

using test::NumberedRecord;
using test::RecordSizes;

// A second or a few of work; the presets with sanitizers do not optimise.
#ifdef __OPTIMIZE__
constexpr uint64_t kRecords = 500'000;
#else
constexpr uint64_t kRecords = 50'000;
#endif

enum class Depth { kHeader, kHeaderAndBody };

// A cursor that checks each outcome. Catch2's macros are not for threads: the first fault is kept
// for the main thread.
class Reader {
 public:
  Reader(const EventRing& ring, const RecordSizes& sizes, Depth depth)
      : ring_(ring), record_(sizes), depth_(depth) {}

  uint64_t next() const { return next_; }
  uint64_t read() const { return read_; }
  uint64_t lost() const { return lost_; }
  const std::string& fault() const { return fault_; }
  bool IsSound() const { return fault_.empty(); }

  void MoveTo(uint64_t sequence) { next_ = sequence; }

  // Reads the record at next() and goes behind it, or behind the gap. False: not written yet.
  bool Step() {
    const uint64_t written = CheckLimits();
    const auto outcome = ReadOne();
    if (std::holds_alternative<EventRing::NotYetWritten>(outcome)) {
      Require(next_ >= written, "a written record is not yet written");
      return false;
    }
    if (const auto* overwritten = std::get_if<EventRing::Overwritten>(&outcome)) {
      Skip(overwritten->oldest);
    } else {
      CheckValue(std::get<EventRing::Value>(outcome));
      ++read_;
      ++next_;
    }
    return true;
  }

  // Reads the record before next() and goes there. False: overwritten.
  bool StepBack() {
    CheckLimits();
    --next_;
    const auto outcome = ReadOne();
    if (const auto* overwritten = std::get_if<EventRing::Overwritten>(&outcome)) {
      Require(overwritten->oldest > next_, "overwritten, but not older than the oldest");
      return false;
    }
    const auto* value = std::get_if<EventRing::Value>(&outcome);
    Require(value != nullptr, "a written record is not yet written");
    if (value != nullptr) CheckValue(*value);
    ++read_;
    return true;
  }

  void Require(bool holds, const char* otherwise) {
    if (!holds && fault_.empty()) fault_ = otherwise + (" at " + std::to_string(next_));
  }

 private:
  EventRing::ReadOutcome ReadOne() {
    return depth_ == Depth::kHeader ? record_.ReadHeaderFrom(ring_, next_)
                                    : record_.ReadFrom(ring_, next_);
  }

  // Returns how many records are written at least.
  uint64_t CheckLimits() {
    const uint64_t oldest = ring_.oldest();
    const uint64_t written = ring_.written();
    Require(oldest >= oldest_, "the oldest went back");
    Require(written >= written_, "the number written went back");
    Require(oldest <= written, "the oldest is not written yet");
    Require(ring_.size() <= ring_.capacity(), "more are readable than the capacity");
    oldest_ = oldest;
    written_ = written;
    return written;
  }

  void Skip(uint64_t oldest) {
    Require(oldest > next_, "overwritten, but not older than the oldest");
    Require(oldest <= ring_.written(), "the oldest is not written yet");
    lost_ += oldest - next_;
    next_ = oldest;
  }

  void CheckValue(const EventRing::Value& value) {
    Require(record_.HasHeaderOf(next_, value), "a wrong header");
    if (depth_ == Depth::kHeaderAndBody) Require(record_.HasBodyOf(next_), "a wrong body");
  }

  const EventRing& ring_;
  NumberedRecord record_;
  const Depth depth_;
  uint64_t next_ = 0;
  uint64_t read_ = 0;
  uint64_t lost_ = 0;
  uint64_t oldest_ = 0;   // as last seen
  uint64_t written_ = 0;  // as last seen
  std::string fault_;
};

// Reads on to `end`; each record before it is read or lost.
void ReadTo(Reader& reader, uint64_t end) {
  const uint64_t start = reader.next();
  const uint64_t before = reader.read() + reader.lost();
  while (reader.next() < end && reader.IsSound()) {
    if (!reader.Step()) std::this_thread::yield();
  }
  const uint64_t accounted = reader.read() + reader.lost() - before;
  reader.Require(accounted == reader.next() - start, "read and lost do not add up");
}

// Like a client without --follow, over and over: from the oldest to what is written by then.
void Rewind(const EventRing& ring, Reader& reader) {
  for (uint64_t end = 0; end < kRecords && reader.IsSound(); std::this_thread::yield()) {
    end = ring.written();
    reader.MoveTo(std::min(ring.oldest(), end));
    ReadTo(reader, end);
  }
}

// Like a client that asks for the last so many: from the newest back to what is overwritten.
void ScanBack(const EventRing& ring, Reader& reader) {
  for (uint64_t end = 0; end < kRecords && reader.IsSound(); std::this_thread::yield()) {
    end = ring.written();
    reader.MoveTo(end);
    while (reader.next() > 0 && reader.IsSound() && reader.StepBack()) {
    }
  }
}

// Yields now and then: with fewer cores than threads the readers would only ever find gaps.
void Write(EventRing& ring, const RecordSizes& sizes, bool& all_appended) {
  NumberedRecord record(sizes);
  all_appended = true;
  for (uint64_t n = 0; n < kRecords; ++n) {
    all_appended = record.AppendTo(ring, n) && all_appended;
    if (n % 64 == 0) std::this_thread::yield();
  }
}

void Stress(const EventRing::Options& options, uint32_t max_body_bytes) {
  EventRing ring(options);
  const RecordSizes sizes{options.header_bytes, max_body_bytes};
  Reader follower(ring, sizes, Depth::kHeaderAndBody);
  Reader header_follower(ring, sizes, Depth::kHeader);
  Reader rewinder(ring, sizes, Depth::kHeaderAndBody);
  Reader back_scanner(ring, sizes, Depth::kHeaderAndBody);
  bool all_appended = false;

  std::latch start(5);
  std::vector<std::thread> threads;
  const auto run = [&](auto work) {
    threads.emplace_back([&start, work] {
      start.arrive_and_wait();
      work();
    });
  };
  run([&] { ReadTo(follower, kRecords); });
  run([&] { ReadTo(header_follower, kRecords); });
  run([&] { Rewind(ring, rewinder); });
  run([&] { ScanBack(ring, back_scanner); });
  run([&] { Write(ring, sizes, all_appended); });
  for (std::thread& thread : threads) thread.join();

  CHECK(all_appended);
  CHECK(ring.written() == kRecords);
  CHECK(ring.oversize() == 0);
  for (const Reader* reader : {&follower, &header_follower, &rewinder, &back_scanner}) {
    CHECK(reader->fault() == "");
    CHECK(reader->read() > 0);
  }
  for (const Reader* reader : {&follower, &header_follower}) {
    CHECK(reader->read() + reader->lost() == ring.written());
  }
}

TEST_CASE("readers beside the writer see whole records in order, the index being the limit",
          "[ringbuffer][stress]") {
  Stress({.capacity = 63, .header_bytes = 112, .arena_bytes = 1 << 20}, 1000);
}

TEST_CASE("readers beside the writer see whole records in order, the arena being the limit",
          "[ringbuffer][stress]") {
  Stress({.capacity = 4095, .header_bytes = 24, .arena_bytes = 16384}, 4000);
}

TEST_CASE("readers beside the writer see whole records in order with a single record kept",
          "[ringbuffer][stress]") {
  Stress({.capacity = 1, .header_bytes = 24, .arena_bytes = 16384}, 4000);
}

}  // namespace
}  // namespace alidade
