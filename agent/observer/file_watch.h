// SPDX-License-Identifier: Apache-2.0
//
// Tells when a file has new contents, by inotify(7).
#ifndef ALIDADE_AGENT_OBSERVER_FILE_WATCH_H_
#define ALIDADE_AGENT_OBSERVER_FILE_WATCH_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace alidade {

class FileWatch {
 public:
  // Reads the file, and uses what it read only if `is_settled` then still says so: else the file
  // may have been read half written, and there will be another call.
  using OnChange = std::function<void(const std::function<bool()>& is_settled)>;

  // Calls `on_change` on a thread of its own whenever the file `path` may have changed: it was
  // written and closed, or something was moved into its folder, as editors do and as Kubernetes
  // does with mounted ConfigMaps. May call without a change. While the file is being written, it
  // waits for the end for up to a second. What a symbolic link of another folder points to is not
  // watched.
  // Errors: with the system's reason, naming the folder.
  static absl::StatusOr<std::unique_ptr<FileWatch>> Start(const std::string& path,
                                                          OnChange on_change);
  // Waits for a call that is under way.
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

 private:
  class Impl;
  explicit FileWatch(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_FILE_WATCH_H_
