// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/perf_rings.h"

#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// One call of Read delivers at most this many records, so that stored events are announced and ring
// space is given back while a flood goes on.
constexpr size_t kMaxRecordsPerRead = 4096;

// A time stamp is taken a moment before its record can be seen: records this young may still have
// an older sibling on another CPU that is being written.
constexpr uint64_t kSettleNs = 100'000;

// What stands before the data of a sample: header, time (PERF_SAMPLE_TIME), raw size.
constexpr size_t kSampleTimeOffset = sizeof(perf_event_header);
constexpr size_t kSampleSizeOffset = kSampleTimeOffset + sizeof(uint64_t);
constexpr size_t kSampleDataOffset = kSampleSizeOffset + sizeof(uint32_t);
// PERF_RECORD_LOST: header, id, lost.
constexpr size_t kLostCountOffset = sizeof(perf_event_header) + sizeof(uint64_t);

constexpr size_t kLineBytes = 64;
// A trace of ours with the headers of its packet.
constexpr size_t kPrefetchedLines = 4;

uint64_t Now(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<uint64_t>(now.tv_nsec);
}

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
  rings->origin_ = origin;
  perf_event_attr attr = RingAttributes(pages * static_cast<uint32_t>(getpagesize()));
  perf_buffer* buffer =
      perf_buffer__new_raw(events_fd, pages, &attr, Unread, rings.get(), /*opts=*/nullptr);
  if (buffer == nullptr) {
    return SystemError(errno, absl::StrCat("open a perf ring of ", pages,
                                           " pages for each CPU (needs CAP_PERFMON and memory)"));
  }
  rings->buffer_.reset(buffer);
  RETURN_IF_ERROR(rings->Map());
  return rings;
}

absl::Status PerfRings::Map() {
  const size_t page_bytes = static_cast<size_t>(getpagesize());
  for (size_t i = 0; i < perf_buffer__buffer_cnt(buffer_.get()); ++i) {
    void* base = nullptr;
    size_t bytes = 0;
    int error = perf_buffer__buffer(buffer_.get(), static_cast<int>(i), &base, &bytes);
    if (error != 0) return SystemError(error, "map a perf ring");
    Ring ring;
    ring.page = base;
    ring.records = static_cast<const std::byte*>(base) + page_bytes;
    ring.size = bytes;
    ring.cpu = static_cast<uint32_t>(i);
    rings_.push_back(ring);
    memory_bytes_ += bytes + page_bytes;
  }
  heap_.reserve(rings_.size());

  wake_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!wake_.valid() || !epoll_.valid()) return SystemError(errno, "create an event descriptor");
  for (int fd : {wake_.get(), perf_buffer__epoll_fd(buffer_.get())}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
      return SystemError(errno, "wait for perf rings");
  }
  return absl::OkStatus();
}

PerfRings::~PerfRings() = default;

void PerfRings::Wait(absl::Duration timeout) {
  epoll_event events[2];
  int ready = epoll_wait(epoll_.get(), events, 2, static_cast<int>(ToInt64Milliseconds(timeout)));
  for (int i = 0; i < ready; ++i) {
    uint64_t count = 0;
    if (events[i].data.fd == wake_.get()) {
      // The count does not matter, and a second reader of the eventfd does not exist.
      [[maybe_unused]] ssize_t bytes = read(wake_.get(), &count, sizeof(count));
    } else {
      // Asking the rings' own epoll descriptor takes back the readiness of each ring.
      epoll_event ring_event;
      while (epoll_wait(events[i].data.fd, &ring_event, 1, 0) > 0) {
      }
    }
  }
}

void PerfRings::Wake() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t bytes = write(wake_.get(), &one, sizeof(one));
}

// The bytes [position, position + size) of the ring; copied only when they wrap around its end.
std::span<const std::byte> PerfRings::Bytes(const Ring& ring, uint64_t position, size_t size,
                                            std::vector<std::byte>* copy) const {
  uint64_t offset = position & (ring.size - 1);
  if (offset + size <= ring.size) return {ring.records + offset, size};
  size_t before_end = ring.size - offset;
  copy->resize(size);
  std::memcpy(copy->data(), ring.records + offset, before_end);
  std::memcpy(copy->data() + before_end, ring.records, size - before_end);
  return *copy;
}

// The time of the ring's oldest unread record; false when there is none up to `limit_ns`. A record
// without a time (a loss) belongs before whatever follows it.
bool PerfRings::PeekTime(Ring& ring, uint64_t limit_ns, uint64_t* time_ns) {
  if (ring.tail == ring.head) return false;
  // Records are 8-byte aligned and so is the ring's size: header and time never wrap inside a word.
  const auto header = Load<perf_event_header>(ring.records + (ring.tail & (ring.size - 1)));
  *time_ns = 0;
  if (header.type == PERF_RECORD_SAMPLE) {
    *time_ns = Load<uint64_t>(ring.records + ((ring.tail + kSampleTimeOffset) & (ring.size - 1)));
  }
  return *time_ns <= limit_ns;
}

// Asks the processor for the record at `position`, which another CPU wrote: each of its lines would
// be waited for. Behind the newest record there is nothing to fetch.
void PerfRings::PrefetchRecord(const Ring& ring, uint64_t position) {
  if (position == ring.head) return;
  for (size_t line = 0; line < kPrefetchedLines; ++line) {
    __builtin_prefetch(ring.records + ((position + line * kLineBytes) & (ring.size - 1)));
  }
}

void PerfRings::Deliver(Ring& ring, int64_t to_unix_ns, uint64_t limit_ns, EventSink& sink) {
  const auto header = Load<perf_event_header>(ring.records + (ring.tail & (ring.size - 1)));
  PrefetchRecord(ring, ring.tail + header.size);
  std::span<const std::byte> record = Bytes(ring, ring.tail, header.size, &wrapped_);
  if (header.type == PERF_RECORD_SAMPLE && record.size() >= kSampleDataOffset) {
    auto size = Load<uint32_t>(record.data() + kSampleSizeOffset);
    RawEvent event;
    event.bytes = record.subspan(kSampleDataOffset,
                                 std::min<size_t>(size, record.size() - kSampleDataOffset));
    event.time_ns =
        static_cast<int64_t>(Load<uint64_t>(record.data() + kSampleTimeOffset)) + to_unix_ns;
    event.cpu = ring.cpu;
    event.origin = origin_;
    sink.OnEvent(event);
  } else if (header.type == PERF_RECORD_LOST &&
             record.size() >= kLostCountOffset + sizeof(uint64_t)) {
    sink.OnLost(ring.cpu, Load<uint64_t>(record.data() + kLostCountOffset),
                static_cast<int64_t>(limit_ns) + to_unix_ns);
  }
  ring.tail += header.size;
}

// Gives the space of delivered records back. The release pairs with the kernel's acquire of
// data_tail: nothing of ours reads the records afterwards.
void PerfRings::Release(Ring& ring) {
  auto* page = static_cast<perf_event_mmap_page*>(ring.page);
  __atomic_store_n(&page->data_tail, ring.tail, __ATOMIC_RELEASE);
  ring.released = ring.tail;
}

size_t PerfRings::Read(EventSink& sink) {
  const uint64_t monotonic = Now(CLOCK_MONOTONIC);
  const auto to_unix_ns = static_cast<int64_t>(Now(CLOCK_REALTIME) - monotonic);
  const uint64_t limit_ns = monotonic - kSettleNs;
  const auto older = [](const Pending& a, const Pending& b) { return a.time_ns > b.time_ns; };

  heap_.clear();
  for (uint32_t i = 0; i < rings_.size(); ++i) {
    Ring& ring = rings_[i];
    // Pairs with the kernel's release of data_head: the records before it are complete.
    ring.head = __atomic_load_n(&static_cast<perf_event_mmap_page*>(ring.page)->data_head,
                                __ATOMIC_ACQUIRE);
    uint64_t time_ns;
    if (PeekTime(ring, limit_ns, &time_ns)) heap_.push_back({time_ns, i});
  }
  std::make_heap(heap_.begin(), heap_.end(), older);

  size_t delivered = 0;
  while (!heap_.empty() && delivered < kMaxRecordsPerRead) {
    std::pop_heap(heap_.begin(), heap_.end(), older);
    const uint32_t index = heap_.back().ring;
    heap_.pop_back();
    Ring& ring = rings_[index];
    // Only the oldest of the others bounds how far this ring may be read without a look around.
    const uint64_t bound = heap_.empty() ? limit_ns : heap_.front().time_ns;
    uint64_t time_ns = 0;
    bool more = true;
    do {
      Deliver(ring, to_unix_ns, limit_ns, sink);
      ++delivered;
      if (ring.tail - ring.released > ring.size / 4) Release(ring);
      more = PeekTime(ring, limit_ns, &time_ns);
    } while (more && time_ns <= bound && delivered < kMaxRecordsPerRead);
    if (more) {
      heap_.push_back({time_ns, index});
      std::push_heap(heap_.begin(), heap_.end(), older);
    }
  }
  for (Ring& ring : rings_) {
    if (ring.released != ring.tail) Release(ring);
  }
  return delivered;
}

}  // namespace alidade
