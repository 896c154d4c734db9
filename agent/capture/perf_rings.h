// SPDX-License-Identifier: Apache-2.0
//
// The perf rings of one perf event array, one per CPU, read as a single stream in time order.
//
// The rings are opened by libbpf and read here, in place: a record is handed on where it lies in
// the ring, so the way from kernel to parser has no copy. Records of several CPUs are merged by the
// kernel's time stamp up to a moment taken before the read; what is younger waits for the next one.
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
#include "agent/capture/file_descriptor.h"

struct perf_buffer;
struct perf_event_header;

namespace alidade {

class PerfRings : public EventSource {
 public:
  // Opens a ring of `pages` pages (a power of two) for every online CPU and puts it into the perf
  // event array `events_fd`, into which programs of `origin` write. Errors name what is missing,
  // e.g. CAP_PERFMON.
  static absl::StatusOr<std::unique_ptr<PerfRings>> Open(int events_fd, uint32_t pages,
                                                         Origin origin = Origin::kEbpf);
  ~PerfRings() override;
  PerfRings(const PerfRings&) = delete;
  PerfRings& operator=(const PerfRings&) = delete;

  void Wait(absl::Duration timeout) override;
  void Wake() override;
  size_t Read(EventSink& sink) override;

  size_t memory_bytes() const { return memory_bytes_; }

 private:
  // One CPU's ring. head and tail count bytes since it was opened, as the kernel does.
  struct Ring {
    void* page = nullptr;  // struct perf_event_mmap_page
    const std::byte* records = nullptr;
    uint64_t size = 0;  // bytes, a power of two
    uint64_t head = 0;
    uint64_t tail = 0;
    uint64_t released = 0;  // the tail that the kernel knows
    uint32_t cpu = 0;
  };
  // The oldest unread record of a ring.
  struct Pending {
    uint64_t time_ns;  // CLOCK_MONOTONIC
    uint32_t ring;
  };

  struct PerfBufferDeleter {
    void operator()(perf_buffer* buffer) const;
  };

  PerfRings() = default;
  absl::Status Map();
  bool PeekTime(Ring& ring, uint64_t limit_ns, uint64_t* time_ns);
  std::span<const std::byte> Bytes(const Ring& ring, uint64_t position, size_t size,
                                   std::vector<std::byte>* copy) const;
  static void PrefetchRecord(const Ring& ring, uint64_t position);
  void Deliver(Ring& ring, int64_t to_unix_ns, uint64_t limit_ns, EventSink& sink);
  static void Release(Ring& ring);

  std::unique_ptr<perf_buffer, PerfBufferDeleter> buffer_;
  FileDescriptor wake_;   // eventfd
  FileDescriptor epoll_;  // the rings' own epoll descriptor and wake_
  std::vector<Ring> rings_;
  std::vector<Pending> heap_;       // used inside Read
  std::vector<std::byte> wrapped_;  // a record that wraps around the end of its ring
  size_t memory_bytes_ = 0;
  Origin origin_ = Origin::kEbpf;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_PERF_RINGS_H_
