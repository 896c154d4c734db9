// SPDX-License-Identifier: Apache-2.0
#include "ringbuffer/event_ring.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace alidade {
namespace {

constexpr size_t kWordBytes = sizeof(uint64_t);
constexpr size_t kMinArenaBytes = 64;

static_assert(std::atomic<uint64_t>::is_always_lock_free);

uint64_t WordsFor(size_t bytes) { return bytes / kWordBytes + (bytes % kWordBytes != 0 ? 1 : 0); }

}  // namespace

EventRing::EventRing(const Options& options)
    : capacity_(options.capacity),
      header_bytes_(options.header_bytes),
      slot_mask_(options.capacity),
      arena_words_(std::bit_ceil(std::max(options.arena_bytes, kMinArenaBytes)) / kWordBytes),
      slots_(std::make_unique<Slot[]>(size_t{options.capacity} + 1)),
      arena_(arena_words_, options.memory),
      room_end_(arena_words_) {
  assert(IsValidCapacity(options.capacity));
  assert(options.header_bytes % kWordBytes == 0);
  assert(options.arena_bytes <= kMaxArenaBytes);
}

bool EventRing::IsValidCapacity(uint64_t capacity) {
  return capacity >= 1 && capacity <= 65535 && std::has_single_bit(capacity + 1);
}

bool EventRing::Append(std::span<const std::byte> header, std::span<const std::byte> body) {
  assert(header.size() == header_bytes_);
  const uint64_t body_position = end_ + header_bytes_ / kWordBytes;
  const uint64_t end = body_position + WordsFor(body.size());
  if (end - end_ > arena_words_ / 4) {
    oversize_.store(oversize_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  if (end > room_end_) MakeRoom(end);

  CopyIn(end_, header);
  CopyIn(body_position, body);
  const uint64_t sequence = written_.load(std::memory_order_relaxed);
  Slot& slot = slots_[sequence & slot_mask_];
  slot.position.store(end_, std::memory_order_release);
  slot.body_bytes.store(body.size(), std::memory_order_release);
  end_ = end;
  written_.store(sequence + 1, std::memory_order_release);
  return true;
}

// Evicts the records whose words a record that ends at `end` will overwrite. Stops at the newest
// record at the latest: that one and the next take at most a quarter of the arena each.
void EventRing::MakeRoom(uint64_t end) {
  uint64_t first = oldest();
  while (Locate(first).position + arena_words_ < end) ++first;
  room_end_ = Locate(first).position + arena_words_;
  // Relaxed: each word that is stored next is stored with release, and so publishes this first.
  evicted_.store(first, std::memory_order_relaxed);
}

void EventRing::CopyIn(uint64_t position, std::span<const std::byte> from) {
  const uint64_t mask = arena_words_ - 1;
  const size_t whole = from.size() / kWordBytes;
  const std::byte* source = from.data();
  for (size_t i = 0; i < whole; ++i, ++position, source += kWordBytes) {
    uint64_t word;
    std::memcpy(&word, source, kWordBytes);
    arena_[position & mask].store(word, std::memory_order_release);
  }
  if (const size_t rest = from.size() % kWordBytes; rest != 0) {
    uint64_t word = 0;
    std::memcpy(&word, source, rest);
    arena_[position & mask].store(word, std::memory_order_release);
  }
}

void EventRing::CopyOut(uint64_t position, std::span<std::byte> to) const {
  const uint64_t mask = arena_words_ - 1;
  const size_t whole = to.size() / kWordBytes;
  std::byte* target = to.data();
  for (size_t i = 0; i < whole; ++i, ++position, target += kWordBytes) {
    const uint64_t word = arena_[position & mask].load(std::memory_order_acquire);
    std::memcpy(target, &word, kWordBytes);
  }
  if (const size_t rest = to.size() % kWordBytes; rest != 0) {
    const uint64_t word = arena_[position & mask].load(std::memory_order_acquire);
    std::memcpy(target, &word, rest);
  }
}

// May tell of a newer record, or of half of one, when the writer came round meanwhile: Conclude
// rejects that, and until then any position is safe to read and any size within the limit.
EventRing::Extent EventRing::Locate(uint64_t sequence) const {
  const Slot& slot = slots_[sequence & slot_mask_];
  return {slot.position.load(std::memory_order_acquire),
          static_cast<uint32_t>(slot.body_bytes.load(std::memory_order_acquire))};
}

EventRing::ReadOutcome EventRing::Conclude(uint64_t sequence, const Extent& extent) const {
  const uint64_t first = oldest();
  if (sequence < first) return Overwritten{first};
  return Value{extent.body_bytes};
}

// What the slot tells of another record than this one costs a useless fetch and no more.
void EventRing::Prefetch(uint64_t sequence) const {
  constexpr uint64_t kWordsOfLine = 64 / kWordBytes;
  const uint64_t position = slots_[sequence & slot_mask_].position.load(std::memory_order_relaxed);
  const uint64_t words = header_bytes_ / kWordBytes;
  for (uint64_t word = 0; word < words + kWordsOfLine - 1; word += kWordsOfLine) {
    __builtin_prefetch(&arena_[(position + std::min(word, words - 1)) & (arena_words_ - 1)]);
  }
}

EventRing::ReadOutcome EventRing::ReadHeader(uint64_t sequence, std::span<std::byte> header) const {
  assert(header.size() == header_bytes_);
  if (sequence >= written()) return NotYetWritten{};
  const Extent extent = Locate(sequence);
  CopyOut(extent.position, header);
  return Conclude(sequence, extent);
}

EventRing::ReadOutcome EventRing::Read(uint64_t sequence, std::span<std::byte> header,
                                       std::string* body) const {
  assert(header.size() == header_bytes_);
  if (sequence >= written()) return NotYetWritten{};
  const Extent extent = Locate(sequence);
  body->resize(extent.body_bytes);
  CopyOut(extent.position, header);
  CopyOut(extent.position + header_bytes_ / kWordBytes, std::as_writable_bytes(std::span(*body)));
  return Conclude(sequence, extent);
}

}  // namespace alidade
