// SPDX-License-Identifier: Apache-2.0
//
// Lines of a file that may be compressed with gzip.
#ifndef ALIDADE_AGENT_RECORDING_LINE_READER_H_
#define ALIDADE_AGENT_RECORDING_LINE_READER_H_

#include <zlib.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace alidade {

class LineReader {
 public:
  // Longer lines are no events: they are skipped.
  static constexpr size_t kMaxLineBytes = size_t{1} << 20;

  enum class Outcome {
    kLine,
    kTooLong,
    kEnd,     // of the file; the next call says so again
    kBroken,  // the file cannot be read any further
  };

  // Errors: kNotFound or kPermissionDenied and the like, naming the file.
  static absl::StatusOr<LineReader> Open(const std::string& path);

  // Reads the next line, without its end, into `line`.
  Outcome Next(std::string* line);

 private:
  struct Closer {
    void operator()(gzFile_s* file) const { gzclose_r(file); }
  };

  explicit LineReader(gzFile file) : file_(file) {}

  std::unique_ptr<gzFile_s, Closer> file_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RECORDING_LINE_READER_H_
