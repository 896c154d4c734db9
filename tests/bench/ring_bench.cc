// SPDX-License-Identifier: Apache-2.0
//
// What the store costs: ring_bench [--seconds S], S seconds a measure. One line a measure: name,
// nanoseconds per record, and what else there is to say. Records are the size of a usual flow. Run
// it on a quiet machine with two cores or more.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "ringbuffer/event_ring.h"

namespace alidade {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint32_t kHeaderBytes = 112;
constexpr uint32_t kBodyBytes = 300;
constexpr uint64_t kBatch = 1024;  // records between two looks at the clock
// A reader that lost records goes on this far behind the oldest (ringbuffer/README.md).
constexpr uint64_t kHeadStart = 512;

using Header = std::array<std::byte, kHeaderBytes>;
using Body = std::array<std::byte, kBodyBytes>;

// Keeps the compiler from dropping a copy that nobody looks at.
void Touch(const void* memory) { asm volatile("" : : "g"(memory) : "memory"); }

// Keeps it from writing a copy of known size in line.
size_t Opaque(size_t size) {
  asm volatile("" : "+r"(size));
  return size;
}

// Calls `batch`, which works on kBatch records, for `seconds`; nanoseconds per record.
template <typename Batch>
double Measure(double seconds, Batch&& batch) {
  const auto start = Clock::now();
  const auto stop = start + std::chrono::duration<double>(seconds);
  uint64_t batches = 0;
  auto now = start;
  for (; now < stop; now = Clock::now(), ++batches) batch();
  const double elapsed_ns = std::chrono::duration<double, std::nano>(now - start).count();
  return elapsed_ns / static_cast<double>(std::max<uint64_t>(batches, 1) * kBatch);
}

void Print(const char* name, double nanoseconds, const char* remark = "") {
  std::printf("%-32s %8.1f ns  %s\n", name, nanoseconds, remark);
}

EventRing::Options OptionsFor(uint32_t capacity, size_t arena_bytes) {
  return {.capacity = capacity, .header_bytes = kHeaderBytes, .arena_bytes = arena_bytes};
}

// The records differ in one word, so that no copy can be hoisted out of the loop.
struct Writer {
  EventRing& ring;
  Header header{};
  Body body{};

  void AppendBatch() {
    for (uint64_t i = 0; i < kBatch; ++i) {
      std::memcpy(header.data(), &i, sizeof(i));
      ring.Append(header, body);
    }
  }
};

void MeasureAppend(double seconds, const char* name, const EventRing::Options& options) {
  EventRing ring(options);
  Writer writer{ring};
  Print(name, Measure(seconds, [&] { writer.AppendBatch(); }));
}

// The floor: the same bytes to and from the same memory, with nothing told to anybody.
void MeasureMemcpy(double seconds) {
  constexpr size_t kStride = 416;
  constexpr size_t kRecords = 4095;
  std::vector<std::byte> memory(kStride * kRecords);
  const size_t header_bytes = Opaque(kHeaderBytes);
  const size_t body_bytes = Opaque(kBodyBytes);
  Header header{};
  Body body{};
  size_t next = 0;
  const auto for_batch = [&](auto copy) {
    for (uint64_t i = 0; i < kBatch; ++i, next = next + 1 < kRecords ? next + 1 : 0) {
      copy(&memory[next * kStride]);
      Touch(memory.data());
    }
  };
  Print("memcpy in", Measure(seconds, [&] {
          for_batch([&](std::byte* record) {
            std::memcpy(record, header.data(), header_bytes);
            std::memcpy(record + kHeaderBytes, body.data(), body_bytes);
          });
        }));
  Print("memcpy out", Measure(seconds, [&] {
          for_batch([&](const std::byte* record) {
            std::memcpy(header.data(), record, header_bytes);
            std::memcpy(body.data(), record + kHeaderBytes, body_bytes);
            Touch(header.data());
            Touch(body.data());
          });
        }));
}

// A quiet full ring, from the oldest to the newest and again.
void MeasureReads(double seconds) {
  EventRing ring(OptionsFor(4095, size_t{4} << 20));
  Writer writer{ring};
  for (int i = 0; i < 5; ++i) writer.AppendBatch();
  Header header;
  std::string body;
  uint64_t next = ring.oldest();
  const auto advance = [&] { next = next + 1 < ring.written() ? next + 1 : ring.oldest(); };
  Print("read header", Measure(seconds, [&] {
          for (uint64_t i = 0; i < kBatch; ++i, advance()) {
            const auto outcome = ring.ReadHeader(next, header);
            Touch(&outcome);
          }
        }));
  Print("read header and body", Measure(seconds, [&] {
          for (uint64_t i = 0; i < kBatch; ++i, advance()) {
            const auto outcome = ring.Read(next, header, &body);
            Touch(&outcome);
          }
        }));
}

struct Follower {
  uint64_t read = 0;
  uint64_t lost = 0;

  void Follow(const EventRing& ring, const std::atomic<bool>& stop) {
    Header header;
    std::string body;
    for (uint64_t next = 0; !stop.load(std::memory_order_relaxed);) {
      const auto outcome = ring.Read(next, header, &body);
      if (std::holds_alternative<EventRing::Value>(outcome)) {
        ++read;
        ++next;
      } else if (const auto* gone = std::get_if<EventRing::Overwritten>(&outcome)) {
        const uint64_t resume = gone->oldest + kHeadStart;
        lost += resume - std::exchange(next, resume);
      }
    }
  }
};

// Writer and reader both at full speed: what each costs the other.
void MeasureConcurrent(double seconds) {
  EventRing ring(OptionsFor(4095, size_t{4} << 20));
  Writer writer{ring};
  Follower follower;
  std::atomic<bool> stop{false};
  std::thread reader([&] { follower.Follow(ring, stop); });
  const double append_ns = Measure(seconds, [&] { writer.AppendBatch(); });
  stop.store(true, std::memory_order_relaxed);
  reader.join();

  char remark[64];
  std::snprintf(remark, sizeof(remark), "%.1f M/s", 1e3 / append_ns);
  Print("append beside a reader", append_ns, remark);
  const double elapsed_ns = append_ns * static_cast<double>(ring.written());
  const double lost_share =
      static_cast<double>(follower.lost) / static_cast<double>(follower.read + follower.lost);
  std::snprintf(remark, sizeof(remark), "%.1f %% lost", 100 * lost_share);
  Print("read beside the writer", elapsed_ns / static_cast<double>(follower.read), remark);
}

}  // namespace
}  // namespace alidade

int main(int argc, char** argv) {
  double seconds = 0.3;
  if (argc == 3 && std::string_view(argv[1]) == "--seconds") seconds = std::atof(argv[2]);
  if (argc == 2 || argc > 3 || seconds <= 0) {
    std::fprintf(stderr, "usage: ring_bench [--seconds S]\n");
    return 2;
  }
  using alidade::OptionsFor;
  alidade::MeasureMemcpy(seconds);
  alidade::MeasureAppend(seconds, "append, index limited", OptionsFor(4095, size_t{4} << 20));
  alidade::MeasureAppend(seconds, "append, arena limited", OptionsFor(65535, size_t{4} << 20));
  alidade::MeasureReads(seconds);
  alidade::MeasureConcurrent(seconds);
}
