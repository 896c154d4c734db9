// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/file_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/observer/descriptor.h"

namespace alidade {

class FileWatch::Impl {
 public:
  explicit Impl(std::function<void()> on_change) : on_change_(std::move(on_change)) {}

  ~Impl() {
    if (!thread_.joinable()) return;
    const uint64_t one = 1;
    // Cannot fail: the counter is far from its limit.
    [[maybe_unused]] const ssize_t written = write(stop_.get(), &one, sizeof(one));
    thread_.join();
  }

  absl::Status Start(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    const std::string watched = folder.empty() ? "." : folder.string();
    if (!events_.valid() || !stop_.valid() ||
        inotify_add_watch(events_.get(), watched.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
      return absl::UnavailableError(
          absl::StrCat("cannot watch ", watched, ": ", std::strerror(errno)));
    }
    thread_ = std::thread([this] { Run(); });
    return absl::OkStatus();
  }

 private:
  void Run() {
    for (;;) {
      pollfd fds[] = {{events_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (poll(fds, 2, -1) < 0 && errno != EINTR) return;
      if (fds[1].revents != 0) return;
      if (fds[0].revents != 0 && Drain()) on_change_();
    }
  }

  // Takes what is waiting; false when there was nothing.
  bool Drain() {
    char events[4096];
    bool any = false;
    while (read(events_.get(), events, sizeof(events)) > 0) any = true;
    return any;
  }

  const std::function<void()> on_change_;
  const Descriptor events_{inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  const Descriptor stop_{eventfd(0, EFD_CLOEXEC)};
  std::thread thread_;
};

FileWatch::FileWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FileWatch::~FileWatch() = default;

absl::StatusOr<std::unique_ptr<FileWatch>> FileWatch::Start(const std::string& path,
                                                            std::function<void()> on_change) {
  auto impl = std::make_unique<Impl>(std::move(on_change));
  const absl::Status status = impl->Start(path);
  if (!status.ok()) return status;
  return std::unique_ptr<FileWatch>(new FileWatch(std::move(impl)));
}

}  // namespace alidade
