// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/perf_rings.h"

#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// What stands before the data of a sample: header, time (PERF_SAMPLE_TIME), raw size.
constexpr size_t kSampleTimeOffset = sizeof(perf_event_header);
constexpr size_t kSampleSizeOffset = kSampleTimeOffset + sizeof(uint64_t);
constexpr size_t kSampleDataOffset = kSampleSizeOffset + sizeof(uint32_t);
// PERF_RECORD_LOST: header, id, lost.
constexpr size_t kLostCountOffset = sizeof(perf_event_header) + sizeof(uint64_t);

template <typename T>
T Load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

// Never called: libbpf opens the rings, this class reads them.
bpf_perf_event_ret Unread(void*, int, perf_event_header*) { return LIBBPF_PERF_EVENT_CONT; }

perf_event_attr RingAttributes(uint32_t ring_bytes) {
  perf_event_attr attr{};
  attr.size = sizeof(attr);
  attr.type = PERF_TYPE_SOFTWARE;
  attr.config = PERF_COUNT_SW_BPF_OUTPUT;
  attr.sample_period = 1;
  attr.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_TIME;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  attr.watermark = 1;
  attr.wakeup_watermark = ring_bytes / 2;
  return attr;
}

}  // namespace

void PerfRings::PerfBufferDeleter::operator()(perf_buffer* buffer) const {
  perf_buffer__free(buffer);
}

absl::StatusOr<std::unique_ptr<PerfRings>> PerfRings::Open(int events_fd, uint32_t pages,
                                                           Origin origin) {
  auto rings = std::unique_ptr<PerfRings>(new PerfRings());
  perf_event_attr attr = RingAttributes(pages * static_cast<uint32_t>(getpagesize()));
  perf_buffer* buffer =
      perf_buffer__new_raw(events_fd, pages, &attr, Unread, rings.get(), /*opts=*/nullptr);
  if (buffer == nullptr) {
    return SystemError(errno, absl::StrCat("open a perf ring of ", pages,
                                           " pages for each CPU (needs CAP_PERFMON and memory)"));
  }
  rings->buffer_.reset(buffer);
  RETURN_IF_ERROR(rings->Map(origin));
  return rings;
}

absl::Status PerfRings::Map(Origin origin) {
  for (size_t i = 0; i < perf_buffer__buffer_cnt(buffer_.get()); ++i) {
    void* base = nullptr;
    size_t bytes = 0;
    int error = perf_buffer__buffer(buffer_.get(), static_cast<int>(i), &base, &bytes);
    if (error != 0) return SystemError(error, "map a perf ring");
    rings_.emplace_back(base, bytes, static_cast<uint32_t>(i), origin);
    memory_bytes_ += bytes + static_cast<size_t>(getpagesize());
  }
  ASSIGN_OR_RETURN(wait_, RingWait::Create());
  return wait_.Add(perf_buffer__epoll_fd(buffer_.get()));
}

PerfRings::~PerfRings() = default;

void PerfRings::Wait(absl::Duration timeout) {
  wait_.Wait(merge_.is_behind() ? absl::ZeroDuration() : timeout);
  // Asking the rings' own epoll descriptor takes back the readiness of each ring.
  epoll_event ready;
  while (epoll_wait(perf_buffer__epoll_fd(buffer_.get()), &ready, 1, 0) > 0) {
  }
}

PerfRings::Ring::Ring(void* base, size_t bytes, uint32_t cpu, Origin origin)
    : page_(static_cast<perf_event_mmap_page*>(base)),
      records_(static_cast<const std::byte*>(base) + getpagesize()),
      size_(bytes),
      cpu_(cpu),
      origin_(origin) {}

void PerfRings::Ring::Look() {
  // Pairs with the kernel's release of data_head: the records before it are complete.
  head_ = __atomic_load_n(&page_->data_head, __ATOMIC_ACQUIRE);
}

// A record without a time (a loss) belongs before whatever follows it.
bool PerfRings::Ring::Peek(uint64_t* time_ns) {
  if (tail_ == head_) return false;
  // Records are 8-byte aligned and so is the ring's size: header and time never wrap inside a word.
  const auto header = Load<perf_event_header>(records_ + (tail_ & (size_ - 1)));
  *time_ns = 0;
  if (header.type == PERF_RECORD_SAMPLE) {
    *time_ns = Load<uint64_t>(records_ + ((tail_ + kSampleTimeOffset) & (size_ - 1)));
  }
  return true;
}

// The bytes [position, position + size) of the ring; copied only when they wrap around its end.
std::span<const std::byte> PerfRings::Ring::Bytes(uint64_t position, size_t size) {
  const uint64_t offset = position & (size_ - 1);
  if (offset + size <= size_) return {records_ + offset, size};
  const size_t before_end = size_ - offset;
  wrapped_.resize(size);
  std::memcpy(wrapped_.data(), records_ + offset, before_end);
  std::memcpy(wrapped_.data() + before_end, records_, size - before_end);
  return wrapped_;
}

void PerfRings::Ring::Deliver(const ReadLimit& limit, EventSink& sink) {
  const auto header = Load<perf_event_header>(records_ + (tail_ & (size_ - 1)));
  const uint64_t next = tail_ + header.size;
  // Of one that wraps around, what lies at the ring's begin is left out.
  if (next != head_) PrefetchRecord(records_ + (next & (size_ - 1)));
  const std::span<const std::byte> record = Bytes(tail_, header.size);
  if (header.type == PERF_RECORD_SAMPLE && record.size() >= kSampleDataOffset) {
    const auto size = Load<uint32_t>(record.data() + kSampleSizeOffset);
    RawEvent event;
    event.bytes = record.subspan(kSampleDataOffset,
                                 std::min<size_t>(size, record.size() - kSampleDataOffset));
    event.time_ns = limit.UnixTime(Load<uint64_t>(record.data() + kSampleTimeOffset));
    event.cpu = cpu_;
    event.origin = origin_;
    sink.OnEvent(event);
  } else if (header.type == PERF_RECORD_LOST &&
             record.size() >= kLostCountOffset + sizeof(uint64_t)) {
    sink.OnLost(cpu_, Load<uint64_t>(record.data() + kLostCountOffset),
                limit.UnixTime(limit.limit_ns));
  }
  tail_ = next;
}

void PerfRings::Ring::Release() {
  if (released_ == tail_) return;
  // Pairs with the kernel's acquire of data_tail: nothing of ours reads the records afterwards.
  __atomic_store_n(&page_->data_tail, tail_, __ATOMIC_RELEASE);
  released_ = tail_;
}

}  // namespace alidade
