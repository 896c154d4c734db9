// SPDX-License-Identifier: Apache-2.0
//
// A recording: events in a file, one JSON object a line, plain or gzip. Either what a kernel ring
// gave (recorded_event.h; `alidade record` writes these), or what a Hubble exporter logged
// (observer.ExportEvent in proto3 JSON).
#ifndef ALIDADE_AGENT_RECORDING_RECORDING_H_
#define ALIDADE_AGENT_RECORDING_RECORDING_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "agent/recording/line_reader.h"
#include "agent/recording/recorded_event.h"
#include "observer/observer.pb.h"

namespace alidade {

struct BadLine {};

struct RecordingEntry {
  // Since the Unix epoch, before the year 2100; 0: the line has no time, or none in between.
  int64_t time_ns = 0;
  std::variant<BadLine, PerfSample, LostRecord, AgentMessage, observer::ExportEvent> event;
};

class RecordingReader {
 public:
  // Errors: the file cannot be opened.
  static absl::StatusOr<RecordingReader> Open(const std::string& path);

  // The next entry; nothing at the end. A line that is none is an entry too, so that it can be
  // counted; a file that breaks off ends with one.
  std::optional<RecordingEntry> Next();

 private:
  explicit RecordingReader(LineReader lines) : lines_(std::move(lines)) {}

  LineReader lines_;
  std::string line_;
  bool is_broken_ = false;
};

// Writes a recording of perf events.
class RecordingWriter {
 public:
  // Compresses when `path` ends in `.gz`; `-` is standard output. An existing file is replaced.
  static absl::StatusOr<RecordingWriter> Create(const std::string& path);

  absl::Status Write(const PerfSample& sample);
  absl::Status Write(const LostRecord& lost, int64_t time_ns);
  // Errors: not everything could be written.
  absl::Status Close();

 private:
  struct Closer {
    void operator()(gzFile_s* file) const { gzclose_w(file); }
  };

  RecordingWriter(gzFile file, std::string path) : file_(file), path_(std::move(path)) {}
  absl::Status WriteLine(const std::string& line);

  std::unique_ptr<gzFile_s, Closer> file_;
  std::string path_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RECORDING_RECORDING_H_
