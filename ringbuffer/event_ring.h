// SPDX-License-Identifier: Apache-2.0
//
// The store: one writer, many readers, overwriting. Records are a fixed header and a body of any
// size; every record has a sequence number, and a reader is told exactly how many it missed.
//
// See README.md beside this file for the memory layout and for which store pairs with which load.
#ifndef ALIDADE_RINGBUFFER_EVENT_RING_H_
#define ALIDADE_RINGBUFFER_EVENT_RING_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace alidade {

class EventRing {
 public:
  // Keeps body_bytes, at most a quarter of the arena, within 32 bits.
  static constexpr size_t kMaxArenaBytes = size_t{8} << 30;

  struct Options {
    // Records that stay readable: 2^n - 1, 1 to 65535 (n from 1 to 16), as Hubble counts.
    uint32_t capacity = 4095;
    // Bytes of every header passed to Append; a multiple of 8.
    uint32_t header_bytes = 0;
    // Bytes of all records together, at most kMaxArenaBytes; rounded up to a power of two. When
    // records are so large that fewer than `capacity` fit, the oldest go first and fewer are
    // readable.
    size_t arena_bytes = 4u << 20;
    // Where the arena comes from; must outlive the ring.
    std::pmr::memory_resource* memory = std::pmr::new_delete_resource();
  };

  // What a read found. Exactly one of three.
  struct Value {
    uint32_t body_bytes;
  };
  struct Overwritten {
    uint64_t oldest;  // the sequence that is the oldest readable one now
  };
  struct NotYetWritten {};
  using ReadOutcome = std::variant<Value, Overwritten, NotYetWritten>;

  // Preconditions (asserted): the options are in the ranges above. Allocates everything there is.
  explicit EventRing(const Options& options);
  ~EventRing() = default;
  EventRing(const EventRing&) = delete;
  EventRing& operator=(const EventRing&) = delete;

  static bool IsValidCapacity(uint64_t capacity);

  // --- writer: one thread at a time ---

  // Appends a record and makes it readable at once. `header` has header_bytes bytes. Returns false,
  // writes nothing and counts it in oversize() when header and body would take more than a quarter
  // of the arena. No allocation, no lock, no system call.
  bool Append(std::span<const std::byte> header, std::span<const std::byte> body);

  // --- readers: any number of threads; never slow the writer ---

  // Sequences [oldest(), written()) are readable at the moment of the call; each of the two is
  // exact and never goes back.
  uint64_t written() const { return written_.load(std::memory_order_acquire); }
  uint64_t oldest() const;
  // Records readable, never more than capacity(). While the writer runs it may include a record
  // that was overwritten during the call.
  uint32_t size() const;
  uint32_t capacity() const { return capacity_; }
  uint32_t header_bytes() const { return header_bytes_; }
  uint64_t oversize() const { return oversize_.load(std::memory_order_relaxed); }

  // Asks the processor to fetch the header of record `sequence`, which a reader will look at a few
  // records later: the headers of a full store lie far apart, and each would be waited for. Any
  // number may be given.
  void Prefetch(uint64_t sequence) const;

  // Copies the header of record `sequence` into `header` (header_bytes bytes).
  ReadOutcome ReadHeader(uint64_t sequence, std::span<std::byte> header) const;
  // Copies header and body; `body` is resized to the body (its capacity is reused).
  // On anything but Value the contents of `header` and `body` are unspecified.
  ReadOutcome Read(uint64_t sequence, std::span<std::byte> header, std::string* body) const;

 private:
  // Where the words of the record in this place of the index are.
  struct Slot {
    std::atomic<uint64_t> position{0};    // words before it since the start, never wrapped
    std::atomic<uint64_t> body_bytes{0};  // the header's size is the ring's
  };
  struct Extent {
    uint64_t position;
    uint32_t body_bytes;
  };

  // What readers read apart from what the writer alone writes; two lines, since they come in pairs.
  static constexpr size_t kApart = 128;

  void MakeRoom(uint64_t end);
  void CopyIn(uint64_t position, std::span<const std::byte> from);
  void CopyOut(uint64_t position, std::span<std::byte> to) const;
  Extent Locate(uint64_t sequence) const;
  ReadOutcome Conclude(uint64_t sequence, const Extent& extent) const;

  const uint32_t capacity_;
  const uint32_t header_bytes_;
  const uint64_t slot_mask_;
  const uint64_t arena_words_;
  const std::unique_ptr<Slot[]> slots_;            // record s: s & slot_mask_
  std::pmr::vector<std::atomic<uint64_t>> arena_;  // position p: p & (arena_words_ - 1)

  // The two limits that tell a reader what is whole.
  alignas(kApart) std::atomic<uint64_t> written_{0};  // raised after a record is stored
  std::atomic<uint64_t> evicted_{0};                  // raised before words of records below it go

  // The writer's own.
  alignas(kApart) uint64_t end_ = 0;  // position after the newest record
  uint64_t room_end_;                 // words up to here need no eviction
  std::atomic<uint64_t> oversize_{0};
};

inline uint64_t EventRing::oldest() const {
  // In this order: the other could return a number that was never the oldest (README.md).
  const uint64_t written = this->written();
  const uint64_t evicted = evicted_.load(std::memory_order_relaxed);
  return std::max(evicted, written - std::min<uint64_t>(written, capacity_));
}

inline uint32_t EventRing::size() const {
  const uint64_t first = oldest();
  return static_cast<uint32_t>(std::min<uint64_t>(written() - first, capacity_));
}

}  // namespace alidade

#endif  // ALIDADE_RINGBUFFER_EVENT_RING_H_
