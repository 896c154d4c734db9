// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/replay_source.h"

#include <fstream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "catch2/catch_test_macros.hpp"
#include "tests/support/temporary_folder.h"

namespace alidade {
namespace {

// A file that is gone when the test is over.
class Recording {
 public:
  explicit Recording(const std::string& name = "recording") : path_(folder_ / name) {}

  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  const std::string& path() const { return path_; }

 private:
  const testing::TemporaryFolder folder_;
  const std::string path_;
};

struct Kept : EventSink {
  void OnEvent(const RawEvent& event) override {
    times.push_back(event.time_ns);
    origins.push_back(event.origin);
  }
  void OnLost(uint32_t, uint64_t count, int64_t) override { lost += count; }
  void OnDecoded(const observer::ExportEvent& event, int64_t time_ns) override {
    decoded.push_back(event);
    times.push_back(time_ns);
  }
  void OnBadLine() override { ++bad_lines; }

  std::vector<int64_t> times;
  std::vector<Origin> origins;
  std::vector<observer::ExportEvent> decoded;
  uint64_t lost = 0;
  int bad_lines = 0;
};

std::unique_ptr<ReplaySource> Open(const Recording& recording, ReplayPace pace, bool loop = false) {
  auto source = ReplaySource::Open(recording.path(), pace, loop);
  REQUIRE(source.ok());
  return *std::move(source);
}

Kept ReadOnce(const Recording& recording) {
  Kept kept;
  Open(recording, ReplayPace::kFastest)->Read(kept);
  return kept;
}

constexpr int64_t kSecond = 1'000'000'000;

TEST_CASE("what was recorded is read, plain or compressed", "[capture]") {
  for (const char* name : {"plain", "small.gz"}) {
    const Recording recording(name);
    absl::StatusOr<RecordingWriter> writer = RecordingWriter::Create(recording.path());
    REQUIRE(writer.ok());
    CHECK(writer->Write(PerfSample{"\x04", 1, 5 * kSecond, Origin::kEbpf}).ok());
    CHECK(writer->Write(PerfSample{"\x04", 1, 6 * kSecond, Origin::kCilium}).ok());
    LostRecord lost;
    lost.count = 7;
    CHECK(writer->Write(lost, 7 * kSecond).ok());
    CHECK(writer->Close().ok());
    const Kept kept = ReadOnce(recording);
    CHECK(kept.times == std::vector<int64_t>{5 * kSecond, 6 * kSecond});
    CHECK(kept.origins == std::vector<Origin>{Origin::kEbpf, Origin::kCilium});
    CHECK(kept.lost == 7);
    CHECK(kept.bad_lines == 0);
  }
}

TEST_CASE("an exported flow log is served as it was exported", "[capture]") {
  const Recording log;
  log.Write(R"({"flow":{"uuid":"u","node_name":"c/n","time":"2024-01-01T00:00:00Z"},"node_name":"n"}
{"lost_events":{"num_events_lost":"3"},"time":"2024-01-01T00:00:01Z"}
{"agent_event":{"type":"AGENT_STARTED"},"time":"2024-01-01T00:00:02Z"}
)");
  const Kept kept = ReadOnce(log);
  REQUIRE(kept.decoded.size() == 3);
  CHECK(kept.decoded[0].flow().node_name() == "c/n");
  CHECK(kept.times[0] == 1704067200 * kSecond);
  CHECK(kept.decoded[1].lost_events().num_events_lost() == 3);
  CHECK(kept.decoded[2].agent_event().type() == flow::AGENT_STARTED);
}

TEST_CASE("what is no event is counted and costs only itself", "[capture]") {
  const Recording recording;
  recording.Write("nonsense\n\n{}\n{\"input\":\"perf\",\"data_hex\":\"0\"}\n" +
                  std::string(LineReader::kMaxLineBytes + 1, 'x') +
                  "\n{\"input\":\"perf\",\"data_hex\":\"04\"}");
  const Kept kept = ReadOnce(recording);
  CHECK(kept.bad_lines == 4);
  REQUIRE(kept.times.size() == 1);
  CHECK(kept.times[0] > 0);
}

TEST_CASE("a compressed file that breaks off ends with a bad line", "[capture]") {
  const Recording recording("broken.gz");
  absl::StatusOr<RecordingWriter> writer = RecordingWriter::Create(recording.path());
  REQUIRE(writer.ok());
  std::string noise;
  for (uint32_t i = 1; noise.size() < 100'000; i = i * 1664525 + 1013904223) {
    noise.push_back(static_cast<char>(i >> 24));
  }
  for (int i = 0; i < 9; ++i) CHECK(writer->Write(PerfSample{noise, 0, 1, Origin::kEbpf}).ok());
  CHECK(writer->Close().ok());
  REQUIRE(truncate(recording.path().c_str(), 300'000) == 0);
  const Kept kept = ReadOnce(recording);
  CHECK(kept.bad_lines == 1);
  CHECK_FALSE(kept.times.empty());
}

TEST_CASE("at the recorded pace an event comes when its time has come", "[capture]") {
  const Recording recording;
  recording.Write(R"({"input":"perf","data_hex":"04","time":"2024-01-01T00:00:00Z"}
{"input":"perf","data_hex":"04","time":"2024-01-01T00:00:00.2Z"}
{"input":"perf","data_hex":"04","time":"2024-01-01T00:10:00Z"}
)");
  const absl::Time begin = absl::Now();
  const auto source = Open(recording, ReplayPace::kRecorded);
  Kept kept;
  while (kept.times.size() < 2) {
    source->Wait(absl::Seconds(1));
    source->Read(kept);
  }
  CHECK(absl::Now() - begin >= absl::Milliseconds(200));
  CHECK(kept.times[1] - kept.times[0] == kSecond / 5);
  CHECK(source->Read(kept) == 0);
  source->Wake();
  source->Wait(absl::InfiniteDuration());  // woken already
}

TEST_CASE("in a loop each round follows the one before", "[capture]") {
  const Recording recording;
  recording.Write(R"({"input":"perf","data_hex":"04","time":"2024-01-01T00:00:00Z"}
{"flow":{"time":"2024-01-01T00:00:02Z"}}
)");
  const auto source = Open(recording, ReplayPace::kFastest, /*loop=*/true);
  Kept kept;
  CHECK(source->Read(kept) > 4);
  CHECK(std::is_sorted(kept.times.begin(), kept.times.end()));
  CHECK(kept.decoded[0].flow().time().seconds() == 1704067202);
  CHECK(kept.decoded[1].flow().time().seconds() == 1704067204);
}

TEST_CASE("times that no monitor wrote count as none, and a loop ends before they overflow",
          "[capture]") {
  const Recording recording;
  recording.Write(R"({"input":"perf","data_hex":"04","time":"1970-01-01T00:00:01Z"}
{"input":"perf","data_hex":"04","time":"1700-01-01T00:00:00Z"}
{"flow":{"time":"2261-01-01T00:00:00Z"}}
{"input":"perf","data_hex":"04","time":"2099-01-01T00:00:00Z"}
)");
  const auto source = Open(recording, ReplayPace::kFastest, /*loop=*/true);
  Kept kept;
  while (source->Read(kept) > 0) continue;
  REQUIRE(kept.times.size() >= 4);
  CHECK(kept.times.size() < 20);
  for (int i = 0; i < 3; ++i) CHECK(kept.times[i] == kSecond);
  CHECK(kept.times.back() > kept.times[3]);
}

TEST_CASE("a loop over nothing ends", "[capture]") {
  const Recording recording;
  recording.Write("\n\n");
  Kept kept;
  CHECK(Open(recording, ReplayPace::kFastest, /*loop=*/true)->Read(kept) == 0);
}

TEST_CASE("a recording that is not there is an error that names it", "[capture]") {
  const auto source = ReplaySource::Open("/nonexistent/file", ReplayPace::kFastest, false);
  CHECK(absl::IsNotFound(source.status()));
  CHECK(source.status().ToString().find("/nonexistent/file") != std::string::npos);
}

}  // namespace
}  // namespace alidade
