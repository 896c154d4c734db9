// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/recording.h"

#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "agent/recording/proto_json.h"
#include "parser/rfc3339.h"

namespace alidade {
namespace {

// So far in the future that a sum of two such times fits its type.
constexpr int64_t kFirstTimeBeyond = 4'102'444'800'000'000'000;  // 2100-01-01T00:00:00Z

RecordingEntry Bad() { return {0, BadLine()}; }

int64_t RecordedNanos(const UnixTime& time) {
  const int64_t nanos = UnixNanos(time).value_or(0);
  return nanos > 0 && nanos < kFirstTimeBeyond ? nanos : 0;
}

// `json` is one of ours when it says what kind of input it is.
RecordingEntry ReadOurs(const Json& json) {
  absl::StatusOr<RecordedEvent> event = ReadRecordedEvent(json);
  if (!event.ok()) return Bad();
  RecordingEntry entry;
  if (const std::optional<UnixTime> time = ParseRfc3339(Text(json, "time"))) {
    entry.time_ns = RecordedNanos(*time);
  }
  if (auto* sample = std::get_if<PerfSample>(&*event)) {
    entry.event = std::move(*sample);
  } else if (auto* lost = std::get_if<LostRecord>(&*event)) {
    entry.event = *lost;
  } else if (auto* message = std::get_if<AgentMessage>(&*event)) {
    entry.event = std::move(*message);
  }
  return entry;
}

RecordingEntry ReadExported(const std::string& line) {
  observer::ExportEvent event;
  if (!FromJson(line, &event).ok()) return Bad();
  if (event.response_types_case() == observer::ExportEvent::RESPONSE_TYPES_NOT_SET) return Bad();
  RecordingEntry entry;
  const auto& time = event.has_time() ? event.time() : event.flow().time();
  entry.time_ns = RecordedNanos({time.seconds(), time.nanos()});
  entry.event = std::move(event);
  return entry;
}

RecordingEntry ReadEntry(const std::string& line) {
  try {
    absl::StatusOr<Json> json = ParseJson(line);
    if (!json.ok() || !json->is_object()) return Bad();
    return json->contains("input") ? ReadOurs(*json) : ReadExported(line);
  } catch (const Json::exception&) {
    return Bad();
  }
}

}  // namespace

absl::StatusOr<RecordingReader> RecordingReader::Open(const std::string& path) {
  absl::StatusOr<LineReader> lines = LineReader::Open(path);
  if (!lines.ok()) return lines.status();
  return RecordingReader(*std::move(lines));
}

std::optional<RecordingEntry> RecordingReader::Next() {
  while (!is_broken_) {
    switch (lines_.Next(&line_)) {
      case LineReader::Outcome::kLine:
        if (line_.empty()) continue;
        return ReadEntry(line_);
      case LineReader::Outcome::kTooLong:
        return Bad();
      case LineReader::Outcome::kBroken:
        is_broken_ = true;
        return Bad();
      case LineReader::Outcome::kEnd:
        return std::nullopt;
    }
  }
  return std::nullopt;
}

absl::StatusOr<RecordingWriter> RecordingWriter::Create(const std::string& path) {
  // T: as it is, without compression.
  const char* mode = path.ends_with(".gz") ? "wbe" : "wbTe";
  errno = 0;
  const gzFile file = path == "-" ? gzdopen(dup(STDOUT_FILENO), mode) : gzopen(path.c_str(), mode);
  if (file != nullptr) return RecordingWriter(file, path);
  return absl::ErrnoToStatus(errno != 0 ? errno : ENOMEM, absl::StrCat("cannot write ", path));
}

absl::Status RecordingWriter::WriteLine(const std::string& line) {
  const bool is_written = gzwrite(file_.get(), line.data(), static_cast<unsigned>(line.size())) ==
                              static_cast<int>(line.size()) &&
                          gzputc(file_.get(), '\n') == '\n';
  return is_written ? absl::OkStatus()
                    : absl::UnavailableError(absl::StrCat("cannot write ", path_));
}

absl::Status RecordingWriter::Write(const PerfSample& sample) {
  return WriteLine(WriteRecordedEvent(sample));
}

absl::Status RecordingWriter::Write(const LostRecord& lost, int64_t time_ns) {
  return WriteLine(WriteRecordedEvent(lost, time_ns));
}

absl::Status RecordingWriter::Close() {
  return gzclose_w(file_.release()) == Z_OK
             ? absl::OkStatus()
             : absl::UnavailableError(absl::StrCat("cannot write ", path_));
}

}  // namespace alidade
