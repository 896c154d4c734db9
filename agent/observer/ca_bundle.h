// SPDX-License-Identifier: Apache-2.0
//
// Several files of certificates as one that changes with them: gRPC 1.51 watches one file of
// clients' authorities, while there may be one for relay, one for operators and a third while the
// first is rotated.
#ifndef ALIDADE_AGENT_OBSERVER_CA_BUNDLE_H_
#define ALIDADE_AGENT_OBSERVER_CA_BUNDLE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace alidade {

class CaBundle {
 public:
  // Reads `files` (PEM) now and every `refresh` on a thread of its own. A file that is missing or
  // holds no certificate counts with what it held before; `warn` is told once, on that thread or
  // the caller's.
  // Errors: the system has no memory file or thread for it.
  static absl::StatusOr<std::unique_ptr<CaBundle>> Start(
      std::vector<std::string> files, absl::Duration refresh,
      std::function<void(const std::string& line)> warn);
  ~CaBundle();
  CaBundle(const CaBundle&) = delete;
  CaBundle& operator=(const CaBundle&) = delete;

  // Where all certificates stand, while this lives and for this process only. Who opens it finds
  // one state of the files, whole; no bytes before any of them held a certificate.
  const std::string& path() const;

 private:
  class Impl;
  explicit CaBundle(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_CA_BUNDLE_H_
