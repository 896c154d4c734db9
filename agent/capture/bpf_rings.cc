// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/bpf_rings.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/online_cpus.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

// What the kernel writes before a record (struct bpf_ringbuf_hdr): its length and two flags, and
// where it stands.
constexpr size_t kHeaderBytes = BPF_RINGBUF_HDR_SZ;
constexpr uint32_t kLengthMask = ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

constexpr uint64_t kLookForCpusNs = 1'000'000'000;

uint64_t* PositionIn(const MappedMap& page) { return reinterpret_cast<uint64_t*>(page.data()); }

const event_frame& FrameAt(const std::byte* record) {
  return *reinterpret_cast<const event_frame*>(record + kHeaderBytes);
}

// With its header, and aligned as the next one is.
uint64_t BytesOf(uint32_t length) { return (uint64_t{length} + kHeaderBytes + 7) / 8 * 8; }

}  // namespace

absl::StatusOr<BpfRings::Ring> BpfRings::Ring::Make(uint32_t cpu, size_t bytes) {
  const size_t page_bytes = static_cast<size_t>(getpagesize());
  Ring ring;
  ring.cpu_ = cpu;
  ring.mask_ = bytes - 1;
  ring.map_ = FileDescriptor(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "events", 0, 0,
                                            static_cast<uint32_t>(bytes), /*opts=*/nullptr));
  if (!ring.map_.valid()) {
    return SystemError(errno, absl::StrCat("make an event ring of ", bytes,
                                           " bytes for each CPU (needs CAP_BPF and memory)"));
  }
  ASSIGN_OR_RETURN(ring.consumer_, MappedMap::MapWritable(ring.fd(), page_bytes));
  ASSIGN_OR_RETURN(ring.producer_, MappedMap::Map(ring.fd(), page_bytes + 2 * bytes, page_bytes));
  ring.records_ = ring.producer_.data() + page_bytes;
  return ring;
}

absl::StatusOr<std::unique_ptr<BpfRings>> BpfRings::Open(const SharedMaps& maps, uint32_t pages,
                                                         const std::vector<uint32_t>& cpus) {
  const size_t bytes = pages * static_cast<size_t>(getpagesize());
  auto rings = std::unique_ptr<BpfRings>(new BpfRings(maps, bytes));
  ASSIGN_OR_RETURN(rings->wait_, RingWait::Create());
  for (const uint32_t cpu : cpus) RETURN_IF_ERROR(rings->Add(cpu));
  return rings;
}

absl::Status BpfRings::Add(uint32_t cpu) {
  ASSIGN_OR_RETURN(Ring ring, Ring::Make(cpu, bytes_));
  const int fd = ring.fd();
  RETURN_IF_ERROR(wait_.Add(fd));
  if (bpf_map_update_elem(maps_.fd(SharedMap::kEvents), &cpu, &fd, BPF_ANY) != 0) {
    return SystemError(errno, "give an event ring to its CPU");
  }
  memory_bytes_.fetch_add(bytes_ + 2 * static_cast<size_t>(getpagesize()),
                          std::memory_order_relaxed);
  rings_.push_back(std::move(ring));
  return absl::OkStatus();
}

void BpfRings::AddNewCpus() {
  const absl::StatusOr<std::vector<uint32_t>> cpus = OnlineCpus();
  if (!cpus.ok()) return;
  for (const uint32_t cpu : *cpus) {
    const bool has_ring = std::any_of(rings_.begin(), rings_.end(),
                                      [cpu](const Ring& ring) { return ring.cpu() == cpu; });
    if (!has_ring && !Add(cpu).ok()) return;  // for want of memory: the next time
  }
}

void BpfRings::Wait(absl::Duration timeout) {
  wait_.Wait(merge_.is_behind() ? absl::ZeroDuration() : timeout);
}

size_t BpfRings::Read(EventSink& sink) {
  const ReadLimit limit = ReadLimit::Now();
  if (limit.limit_ns - cpus_seen_ns_ >= kLookForCpusNs) {
    AddNewCpus();
    cpus_seen_ns_ = limit.limit_ns;
  }
  const size_t delivered = merge_.Read(rings_, limit, sink);
  for (Ring& ring : rings_) TellLosses(ring, limit, sink);
  return delivered;
}

// A ring that loses is full, and stays so until it is read: only when it was, or might still be
// then, are the counts looked at, whose lines are other CPUs'.
void BpfRings::TellLosses(Ring& ring, const ReadLimit& limit, EventSink& sink) const {
  const bool was_crowded = ring.was_crowded();
  if (!std::exchange(ring.was_crowded_before, was_crowded) && !was_crowded) return;
  const uint64_t lost = maps_.LostOn(ring.cpu());
  if (lost == ring.told_lost) return;
  sink.OnLost(ring.cpu(), lost - ring.told_lost, limit.UnixTime(limit.limit_ns));
  ring.told_lost = lost;
}

void BpfRings::Ring::Look() {
  // Pairs with the kernel's release of the producer's position: the headers before it are there.
  head_ = __atomic_load_n(PositionIn(producer_), __ATOMIC_ACQUIRE);
  was_crowded_ = head_ - released_ > size() / 2;
}

// A record that is still being written holds up those behind it.
bool BpfRings::Ring::Peek(uint64_t* time_ns) {
  while (tail_ != head_) {
    const std::byte* const record = At(tail_);
    // Pairs with the kernel's exchange of the length when a record is complete.
    const uint32_t length =
        __atomic_load_n(reinterpret_cast<const uint32_t*>(record), __ATOMIC_ACQUIRE);
    if ((length & BPF_RINGBUF_BUSY_BIT) != 0) return false;
    if ((length & BPF_RINGBUF_DISCARD_BIT) == 0) {
      *time_ns = FrameAt(record).time_ns;
      return true;
    }
    tail_ += BytesOf(length & kLengthMask);
  }
  return false;
}

void BpfRings::Ring::Deliver(const ReadLimit& limit, EventSink& sink) {
  const std::byte* const record = At(tail_);
  const uint32_t length = *reinterpret_cast<const uint32_t*>(record) & kLengthMask;
  const uint64_t next = tail_ + BytesOf(length);
  if (next != head_) PrefetchRecord(At(next));
  const event_frame& frame = FrameAt(record);
  RawEvent event;
  event.bytes = {record + kHeaderBytes + sizeof(frame),
                 std::min<size_t>(frame.size, length - sizeof(frame))};
  event.time_ns = limit.UnixTime(frame.time_ns);
  event.cpu = cpu_;
  event.origin = Origin::kEbpf;
  sink.OnEvent(event);
  tail_ = next;
}

void BpfRings::Ring::Release() {
  if (released_ == tail_) return;
  // Pairs with the kernel's acquire of the consumer's position: nothing of ours reads the records
  // afterwards.
  __atomic_store_n(PositionIn(consumer_), tail_, __ATOMIC_RELEASE);
  released_ = tail_;
}

}  // namespace alidade
