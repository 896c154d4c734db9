// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/ring_merge.h"

#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <utility>
#include <vector>

namespace alidade {
namespace {

// A ring in memory: times of its records; 0 is one that is still being written.
class FakeRing {
 public:
  explicit FakeRing(std::deque<uint64_t> times) : times_(std::move(times)) {}

  void Look() { seen_ = times_.size(); }
  bool Peek(uint64_t* time_ns) const {
    if (seen_ == 0 || times_.front() == 0) return false;
    *time_ns = times_.front();
    return true;
  }
  void Deliver(const ReadLimit&, EventSink& sink) {
    RawEvent event;
    event.time_ns = static_cast<int64_t>(times_.front());
    times_.pop_front();
    --seen_;
    ++held_;
    sink.OnEvent(event);
  }
  void Release() { held_ = 0; }
  bool IsReleaseDue() const { return held_ > 10; }

  void Complete(uint64_t time_ns) { times_.front() = time_ns; }

 private:
  std::deque<uint64_t> times_;
  size_t seen_ = 0;
  size_t held_ = 0;
};

struct Times : EventSink, std::vector<int64_t> {
  void OnEvent(const RawEvent& event) override { push_back(event.time_ns); }
  void OnLost(uint32_t, uint64_t, int64_t) override {}
  void OnDecoded(const observer::ExportEvent&, int64_t) override {}
  void OnBadLine() override {}
};

constexpr ReadLimit kLimit = {.limit_ns = 100, .to_unix_ns = 0};

}  // namespace

TEST_CASE("rings are read as one, oldest first, up to the limit", "[capture]") {
  std::vector<FakeRing> rings = {FakeRing({1, 4, 5, 100, 101}), FakeRing({}),
                                 FakeRing({2, 3, 6, 200}), FakeRing({150})};
  RingMerge<FakeRing> merge;
  Times times;
  CHECK(merge.Read(rings, kLimit, times) == 7);
  CHECK(times == std::vector<int64_t>{1, 2, 3, 4, 5, 6, 100});
  CHECK_FALSE(merge.is_behind());
  CHECK(merge.Read(rings, {.limit_ns = 300, .to_unix_ns = 0}, times) == 3);
  CHECK(times == std::vector<int64_t>{1, 2, 3, 4, 5, 6, 100, 101, 150, 200});
}

TEST_CASE("a record that is still being written holds up its ring only", "[capture]") {
  std::vector<FakeRing> rings = {FakeRing({0, 2}), FakeRing({3})};
  RingMerge<FakeRing> merge;
  Times times;
  CHECK(merge.Read(rings, kLimit, times) == 1);
  rings[0].Complete(1);
  CHECK(merge.Read(rings, kLimit, times) == 2);
  CHECK(times == std::vector<int64_t>{3, 1, 2});
}

TEST_CASE("a long ring is read in parts, and it is said that there is more", "[capture]") {
  std::vector<FakeRing> rings = {FakeRing(std::deque<uint64_t>(5000, 7)), FakeRing({8})};
  RingMerge<FakeRing> merge;
  Times times;
  const size_t first = merge.Read(rings, kLimit, times);
  CHECK(first < 5000);
  CHECK(merge.is_behind());
  CHECK(first + merge.Read(rings, kLimit, times) == 5001);
  CHECK_FALSE(merge.is_behind());
  CHECK(times.back() == 8);
}

}  // namespace alidade
