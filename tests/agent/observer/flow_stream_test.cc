// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/flow_stream.h"

#include <catch2/catch_test_macros.hpp>

#include "google/protobuf/text_format.h"
#include "tests/agent/observer/test_ring.h"

namespace alidade {
namespace {

// Times of the tests are seconds.
StreamRequest Request(uint64_t number) {
  StreamRequest request;
  request.number = number;
  return request;
}

StreamRequest First(uint64_t number) {
  StreamRequest request = Request(number);
  request.first = true;
  return request;
}

StreamRequest Follow(uint64_t number) {
  StreamRequest request = Request(number);
  request.follow = true;
  return request;
}

StreamRequest Since(StreamRequest request, int seconds) {
  request.since_ns = seconds * kTestSecond;
  return request;
}

StreamRequest Until(StreamRequest request, int seconds) {
  request.until_ns = seconds * kTestSecond;
  return request;
}

FilterSet Whitelist(const std::string& text) {
  FlowFilterList list;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, list.Add()));
  absl::StatusOr<FilterSet> filters = CompileFilters(list, {}, {});
  REQUIRE(filters.ok());
  return *std::move(filters);
}

class Reader {
 public:
  Reader(const EventRing& ring, const StreamRequest& request, FilterSet filters = {},
         int64_t loss_interval_ns = 0)
      : stream_(
            ring, request, std::move(filters), loss_interval_ns, [this] { return now_; },
            &counters_) {}

  // What comes until the stream ends or has caught up: names of flows, `lost <n>` for losses of the
  // ring, `perf <n>` for stored ones, `agent`; and `.` at the end.
  std::string Read() {
    std::string text;
    for (;;) {
      switch (stream_.Next(&item_)) {
        case StreamStep::kItem:
          text += Name() + " ";
          break;
        case StreamStep::kYield:
          break;
        case StreamStep::kCaughtUp:
          return text;
        case StreamStep::kEnd:
          return text + ".";
      }
    }
  }

  std::string Name() const {
    if (item_.is_ring_loss) return "lost " + std::to_string(item_.loss.count);
    if (item_.header.kind == EventKind::kAgentEvent) return "agent";
    if (item_.header.kind == EventKind::kLostEvent) {
      flow::LostEvent lost;
      REQUIRE(lost.ParseFromString(item_.body));
      return "perf " + std::to_string(lost.num_events_lost());
    }
    flow::Flow flow;
    REQUIRE(flow.ParseFromString(item_.body));
    return flow.uuid();
  }

  FlowStream& stream() { return stream_; }
  StreamItem& item() { return item_; }
  const StreamCounters& counters() const { return counters_; }
  void set_now(int64_t now) { now_ = now; }

 private:
  int64_t now_ = 1000 * kTestSecond;
  StreamCounters counters_;
  FlowStream stream_;
  StreamItem item_;
};

std::string Names(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += "u" + std::to_string(i) + " ";
  return text;
}

TEST_CASE("a stream starts and ends where the request says", "[observer]") {
  TestRing ring(63);
  ring.AddFlows(0, 19);
  struct Case {
    StreamRequest request;
    std::string expected;
  };
  const Case cases[] = {
      {Request(0), Names(0, 19) + "."},
      {Request(3), Names(17, 19) + "."},
      {Request(UINT64_MAX), Names(0, 19) + "."},
      {First(0), Names(0, 19) + "."},
      {First(3), Names(0, 2) + "."},
      {Since(Request(0), 15), Names(15, 19) + "."},
      {Since(Request(2), 15), Names(15, 16) + "."},
      {Since(First(2), 15), Names(15, 16) + "."},
      {Since(Request(0), 100), "."},
      {Until(Request(0), 3), Names(0, 3) + "."},
      {Until(Request(2), 3), "."},
      {Until(Request(18), 1), "."},
      {Until(Request(18), 2), "u2 ."},
      {Until(First(2), 3), Names(0, 1) + "."},
      {Until(Since(Request(0), 5), 8), Names(5, 8) + "."},
      {Until(Since(Request(0), 8), 5), "."},
      {Follow(0), "u19 "},
      {Follow(2), Names(18, 19)},
      {Since(Follow(1), 15), Names(15, 19)},
      {Until(Follow(0), 3), "."},
      {Until(Follow(5), 16), Names(15, 16) + "."},
  };
  for (const Case& one : cases) {
    Reader reader(ring.ring(), one.request);
    CHECK(reader.Read() == one.expected);
  }
}

TEST_CASE("the number counts events that the filters let pass", "[observer]") {
  TestRing ring(63);
  ring.AddFlows(0, 19);
  const auto read = [&](const StreamRequest& request, const char* filter) {
    Reader reader(ring.ring(), request, Whitelist(filter));
    return reader.Read();
  };
  CHECK(read(Request(3), "verdict: DROPPED") == "u5 u10 u15 .");
  CHECK(read(First(3), "verdict: DROPPED") == "u0 u5 u10 .");
  CHECK(read(Request(2), "source_pod: 'odd/'") == "u17 u19 .");
  CHECK(read(Follow(1), "verdict: DROPPED") == "u15 ");
  CHECK(read(Follow(0), "verdict: DROPPED").empty());
  CHECK(read(Since(Request(0), 9), "verdict: DROPPED") == "u10 u15 .");
}

TEST_CASE("an empty store ends or waits, and is never spun upon", "[observer]") {
  TestRing ring(63);
  for (const StreamRequest& request : {Request(0), Request(3), First(0), Since(Request(0), 1)}) {
    Reader reader(ring.ring(), request);
    CHECK(reader.Read() == ".");
  }
  Reader follower(ring.ring(), Follow(0));
  CHECK(follower.Read().empty());
  ring.AddFlows(0, 1);
  CHECK(follower.Read() == "u0 u1 ");
}

TEST_CASE("a follower gets what comes, until the time is up", "[observer]") {
  TestRing ring(63);
  ring.AddFlows(0, 2);
  Reader reader(ring.ring(), Until(Follow(1), 5));
  CHECK(reader.Read() == "u2 ");
  ring.AddFlows(3, 4);
  CHECK(reader.Read() == "u3 u4 ");
  ring.AddFlows(5, 9);
  CHECK(reader.Read() == "u5 .");
}

TEST_CASE("events older than the lower bound are skipped wherever they stand", "[observer]") {
  TestRing ring(63);
  for (const int second : {1, 9, 3, 8, 2, 7}) ring.AddFlow("t" + std::to_string(second), second);
  Reader reader(ring.ring(), Since(Request(0), 3));
  CHECK(reader.Read() == "t7 .");
  Reader until(ring.ring(), Until(Request(0), 8));
  CHECK(until.Read() == "t1 .");
}

TEST_CASE("other kinds are neither sent nor counted, stored losses pass everything", "[observer]") {
  TestRing ring(63);
  ring.AddFlows(1, 2);
  ring.AddLoss(7, 3);
  ring.AddAgentEvent(4);
  ring.AddFlows(5, 6);
  ring.AddAgentEvent(7);
  const auto read = [&](const StreamRequest& request) {
    Reader reader(ring.ring(), request);
    return reader.Read();
  };
  CHECK(read(Request(1)) == "u6 .");
  CHECK(read(Request(3)) == "u2 perf 7 u5 u6 .");
  CHECK(read(Since(Request(0), 5)) == "u5 u6 .");
  CHECK(read(Until(Request(0), 3)) == "u1 u2 perf 7 .");
  Reader filtered(ring.ring(), Request(0), Whitelist("uuid: 'nobody'"));
  CHECK(filtered.Read() == "perf 7 .");

  StreamRequest agent;
  agent.kind = EventKind::kAgentEvent;
  CHECK(read(agent) == "agent agent .");
  agent.number = 1;
  CHECK(read(agent) == "agent .");
}

TEST_CASE("what was overwritten is told once, and exactly", "[observer]") {
  TestRing ring(7);
  ring.AddFlows(0, 6);
  Reader reader(ring.ring(), First(0));
  REQUIRE(reader.stream().Next(&reader.item()) == StreamStep::kItem);
  CHECK(reader.Name() == "u0");
  ring.AddFlows(7, 16);
  CHECK(reader.Read() == "lost 9 " + Names(10, 16) + ".");
  CHECK(reader.counters().delivered.value() == 8);
  CHECK(reader.counters().lost.value() == 9);
}

TEST_CASE("losses are gathered until they are due or the stream ends", "[observer]") {
  TestRing ring(7);
  ring.AddFlows(0, 6);
  const int64_t start = 1000 * kTestSecond;
  SECTION("due") {
    Reader reader(ring.ring(), Follow(7), {}, kTestSecond);
    CHECK(reader.Read() == Names(0, 6));
    CHECK_FALSE(reader.stream().due_ns());
    ring.AddFlows(7, 16);
    CHECK(reader.Read() == Names(10, 16));
    CHECK(reader.stream().due_ns() == start + kTestSecond);
    reader.set_now(start + kTestSecond / 2);
    ring.AddFlows(17, 24);
    CHECK(reader.Read() == Names(18, 24));
    reader.set_now(start + kTestSecond);
    CHECK(reader.Read() == "lost 4 ");
    CHECK(reader.item().loss.first_ns == start);
    CHECK(reader.item().loss.last_ns == start + kTestSecond / 2);
    CHECK_FALSE(reader.stream().due_ns());
  }
  SECTION("at the end") {
    Reader reader(ring.ring(), First(0), {}, kTestSecond);
    REQUIRE(reader.stream().Next(&reader.item()) == StreamStep::kItem);
    ring.AddFlows(7, 8);
    CHECK(reader.Read() == Names(2, 8) + "lost 1 .");
  }
}

TEST_CASE("a reader that asks for more than there is has lost nothing", "[observer]") {
  TestRing ring(7);
  ring.AddFlows(0, 19);
  for (const StreamRequest& request :
       {Request(0), Request(7), Request(100), First(0), Since(Request(0), 1), Follow(100)}) {
    Reader reader(ring.ring(), request);
    CHECK(reader.Read().starts_with(Names(13, 19)));
    CHECK(reader.counters().lost.value() == 0);
  }
}

TEST_CASE("agent event streams do not speak of losses", "[observer]") {
  TestRing ring(7);
  ring.AddAgentEvent(1);
  StreamRequest request;
  request.kind = EventKind::kAgentEvent;
  request.follow = true;
  Reader reader(ring.ring(), request);
  CHECK(reader.Read() == "agent ");
  ring.AddFlows(2, 20);
  ring.AddAgentEvent(21);
  CHECK(reader.Read() == "agent ");
  CHECK(reader.counters().lost.value() == 13);
}

TEST_CASE("delivered, filtered and lost add up to what the store has seen", "[observer]") {
  TestRing ring(31);
  ring.AddFlows(0, 30);
  Reader reader(ring.ring(), First(0), Whitelist("verdict: DROPPED"));
  REQUIRE(reader.stream().Next(&reader.item()) == StreamStep::kItem);
  ring.AddFlows(31, 70);
  reader.Read();
  const StreamCounters& counters = reader.counters();
  CHECK(counters.delivered.value() + counters.filtered.value() + counters.lost.value() == 71);
  CHECK(counters.lost.value() == 39);
}

TEST_CASE("a long search gives others their turn", "[observer]") {
  TestRing ring(4095);
  ring.AddFlows(1, 4000);
  Reader reader(ring.ring(), Request(1), Whitelist("uuid: 'u1'"));
  int yields = 0;
  StreamStep step = StreamStep::kYield;
  while ((step = reader.stream().Next(&reader.item())) == StreamStep::kYield) ++yields;
  CHECK(step == StreamStep::kItem);
  CHECK(reader.Name() == "u1");
  CHECK(yields >= 4000 / FlowStream::kTurn);
}

}  // namespace
}  // namespace alidade
