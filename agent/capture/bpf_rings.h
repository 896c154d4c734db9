// SPDX-License-Identifier: Apache-2.0
//
// The rings that our own programs write to: a BPF ring buffer for each CPU, read as a single stream
// in time order.
//
// A record is handed on where it lies in the ring, which is mapped twice in a row so that none
// wraps around: the way from kernel to parser has no copy. No wake-up per event (it would be paid
// inside the packet path): programs wake us when a ring is half full, otherwise the reader looks by
// itself at every tick. Source: include/uapi/linux/bpf.h, kernel/bpf/ringbuf.c; the records are
// those of bpf/lib/emit.h.
#ifndef ALIDADE_AGENT_CAPTURE_BPF_RINGS_H_
#define ALIDADE_AGENT_CAPTURE_BPF_RINGS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/capture/event_source.h"
#include "agent/capture/mapped_map.h"
#include "agent/capture/ring_merge.h"
#include "agent/capture/ring_wait.h"
#include "agent/capture/shared_maps.h"

namespace alidade {

class BpfRings : public EventSource {
 public:
  // Makes a ring of `pages` pages (a power of two) for each of `cpus`, the online ones, and puts it
  // into the map `events` of `maps`, which outlive it. Errors name what is missing, e.g. memory.
  // CPUs that come later get theirs within a second or so of reading; what they have to tell before
  // that, or when there is no memory for it, the programs count as failed.
  static absl::StatusOr<std::unique_ptr<BpfRings>> Open(const SharedMaps& maps, uint32_t pages,
                                                        const std::vector<uint32_t>& cpus);

  void Wait(absl::Duration timeout) override;
  void Wake() override { wait_.Wake(); }
  size_t Read(EventSink& sink) override;

  // Any thread.
  size_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }

 private:
  // One CPU's ring. Positions count bytes since it was made, as the kernel does.
  class Ring {
   public:
    static absl::StatusOr<Ring> Make(uint32_t cpu, size_t bytes);

    int fd() const { return map_.get(); }
    uint32_t cpu() const { return cpu_; }
    // Whether it was more than half full when we looked.
    bool was_crowded() const { return was_crowded_; }

    void Look();
    bool Peek(uint64_t* time_ns);
    void Deliver(const ReadLimit& limit, EventSink& sink);
    void Release();
    bool IsReleaseDue() const { return tail_ - released_ > size() / 4; }

    uint64_t told_lost = 0;  // records lost on this CPU that clients were told of
    bool was_crowded_before = false;

   private:
    Ring() = default;
    uint64_t size() const { return mask_ + 1; }
    const std::byte* At(uint64_t position) const { return records_ + (position & mask_); }

    FileDescriptor map_;
    MappedMap consumer_;  // our position
    MappedMap producer_;  // the kernel's, a page; the records behind it, twice
    const std::byte* records_ = nullptr;
    uint64_t mask_ = 0;
    uint64_t head_ = 0;
    uint64_t tail_ = 0;
    uint64_t released_ = 0;  // the tail that the kernel knows
    uint32_t cpu_ = 0;
    bool was_crowded_ = false;
  };

  BpfRings(const SharedMaps& maps, size_t bytes) : maps_(maps), bytes_(bytes) {}
  absl::Status Add(uint32_t cpu);
  void AddNewCpus();
  void TellLosses(Ring& ring, const ReadLimit& limit, EventSink& sink) const;

  const SharedMaps& maps_;
  const size_t bytes_;  // of each ring
  RingWait wait_;
  std::vector<Ring> rings_;
  RingMerge<Ring> merge_;
  uint64_t cpus_seen_ns_ = 0;  // CLOCK_MONOTONIC: when we looked for new ones
  std::atomic<size_t> memory_bytes_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_BPF_RINGS_H_
