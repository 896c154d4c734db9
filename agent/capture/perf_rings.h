// SPDX-License-Identifier: Apache-2.0
//
// The perf rings of a perf event array of somebody else's programs, one for each CPU, read as a
// single stream in time order.
//
// The rings are opened by libbpf and read here, in place: a record is handed on where it lies in
// the ring, so the way from kernel to parser has no copy.
//
// No wake-up per event (it would be paid inside the packet path): the kernel wakes us when a ring
// is half full, otherwise the reader looks by itself at every tick. Source: perf_event_open(2),
// include/uapi/linux/perf_event.h.
#ifndef ALIDADE_AGENT_CAPTURE_PERF_RINGS_H_
#define ALIDADE_AGENT_CAPTURE_PERF_RINGS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/capture/event_source.h"
#include "agent/capture/ring_merge.h"
#include "agent/capture/ring_wait.h"

struct perf_buffer;
struct perf_event_mmap_page;

namespace alidade {

class PerfRings : public EventSource {
 public:
  // Opens a ring of `pages` pages (a power of two) for every online CPU and puts it into the perf
  // event array `events_fd`, into which programs of `origin` write. Errors name what is missing,
  // e.g. CAP_PERFMON.
  static absl::StatusOr<std::unique_ptr<PerfRings>> Open(int events_fd, uint32_t pages,
                                                         Origin origin);
  ~PerfRings() override;
  PerfRings(const PerfRings&) = delete;
  PerfRings& operator=(const PerfRings&) = delete;

  void Wait(absl::Duration timeout) override;
  void Wake() override { wait_.Wake(); }
  size_t Read(EventSink& sink) override { return merge_.Read(rings_, ReadLimit::Now(), sink); }

  size_t memory_bytes() const { return memory_bytes_; }

 private:
  // One CPU's ring. Positions count bytes since it was opened, as the kernel does.
  class Ring {
   public:
    // `base` is what was mapped: a page of the kernel's, then `bytes` of records, a power of two.
    Ring(void* base, size_t bytes, uint32_t cpu, Origin origin);

    void Look();
    bool Peek(uint64_t* time_ns);
    void Deliver(const ReadLimit& limit, EventSink& sink);
    void Release();
    bool IsReleaseDue() const { return tail_ - released_ > size_ / 4; }

   private:
    std::span<const std::byte> Bytes(uint64_t position, size_t size);

    perf_event_mmap_page* page_;
    const std::byte* records_;
    uint64_t size_;
    uint64_t head_ = 0;
    uint64_t tail_ = 0;
    uint64_t released_ = 0;           // the tail that the kernel knows
    std::vector<std::byte> wrapped_;  // a record that wraps around the end
    uint32_t cpu_;
    Origin origin_;
  };

  struct PerfBufferDeleter {
    void operator()(perf_buffer* buffer) const;
  };

  PerfRings() = default;
  absl::Status Map(Origin origin);

  std::unique_ptr<perf_buffer, PerfBufferDeleter> buffer_;
  RingWait wait_;
  std::vector<Ring> rings_;
  RingMerge<Ring> merge_;
  size_t memory_bytes_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_PERF_RINGS_H_
