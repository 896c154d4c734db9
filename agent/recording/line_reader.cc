// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/line_reader.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace alidade {

absl::StatusOr<LineReader> LineReader::Open(const std::string& path) {
  errno = 0;
  const gzFile file = gzopen(path.c_str(), "rbe");
  if (file != nullptr) return LineReader(file);
  const int error = errno != 0 ? errno : ENOMEM;
  return absl::ErrnoToStatus(error, absl::StrCat("cannot open ", path));
}

LineReader::Outcome LineReader::Next(std::string* line) {
  line->clear();
  bool is_too_long = false;
  char part[4096];
  while (gzgets(file_.get(), part, sizeof(part)) != nullptr) {
    size_t size = std::strlen(part);  // a line with a NUL byte is cut there: it is no JSON
    const bool is_complete = size > 0 && part[size - 1] == '\n';
    if (is_complete) --size;
    is_too_long = is_too_long || line->size() + size > kMaxLineBytes;
    if (!is_too_long) line->append(part, size);
    if (is_complete) return is_too_long ? Outcome::kTooLong : Outcome::kLine;
  }
  int error = Z_OK;
  gzerror(file_.get(), &error);
  if (error != Z_OK && error != Z_BUF_ERROR) return Outcome::kBroken;
  if (is_too_long) return Outcome::kTooLong;
  return line->empty() ? Outcome::kEnd : Outcome::kLine;
}

}  // namespace alidade
