// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/file_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/observer/descriptor.h"

namespace alidade {

namespace {

// How long a writer may take before the file is read as it is.
constexpr absl::Duration kLongestWrite = absl::Seconds(1);
// How long an empty one is doubted.
constexpr int kEmptyMs = 200;

}  // namespace

class FileWatch::Impl {
 public:
  explicit Impl(OnChange on_change) : on_change_(std::move(on_change)) {}

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
    path_ = path;
    name_ = std::filesystem::path(path).filename().string();
    if (!events_.valid() || !stop_.valid() ||
        inotify_add_watch(events_.get(), watched.c_str(),
                          IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
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
      if (poll(fds, 2, PollTimeoutMs()) < 0 && errno != EINTR) return;
      if (fds[1].revents != 0) return;
      TakeEvents();
      if (is_written_ && absl::Now() >= give_up_) is_written_ = false;
      if (!has_changed_ || is_written_) continue;
      has_changed_ = false;
      is_outdated_ = false;
      on_change_([this] { return IsSettled(); });
    }
  }

  bool IsSettled() {
    std::error_code ignored;
    if (std::filesystem::file_size(path_, ignored) == 0) {
      // Perhaps somebody is about to write it anew: it is empty before the kernel tells.
      pollfd fds[] = {{events_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      poll(fds, 2, kEmptyMs);
    }
    TakeEvents();
    return !is_written_ && !is_outdated_;
  }

  int PollTimeoutMs() const {
    if (!has_changed_) return -1;
    if (!is_written_) return 0;
    const absl::Duration left = std::max(give_up_ - absl::Now(), absl::ZeroDuration());
    return static_cast<int>(absl::ToInt64Milliseconds(left)) + 1;
  }

  // Takes what is waiting, and follows from it whether the file has changed and is being written.
  void TakeEvents() {
    alignas(inotify_event) char events[4096];
    ssize_t size;
    while ((size = read(events_.get(), events, sizeof(events))) > 0) {
      for (ssize_t at = 0; at < size;) {
        inotify_event event;
        std::memcpy(&event, events + at, sizeof(event));
        const char* name = events + at + sizeof(event);
        TakeEvent(event.mask, event.len != 0 && name_ == name);
        at += static_cast<ssize_t>(sizeof(event) + event.len);
      }
    }
  }

  void TakeEvent(uint32_t mask, bool is_ours) {
    if ((mask & IN_MODIFY) != 0 && !is_ours) return;
    has_changed_ = true;
    if (!is_ours && (mask & IN_Q_OVERFLOW) == 0) return;
    is_outdated_ = true;
    const bool begins = (mask & IN_MODIFY) != 0;
    if (begins && !is_written_) give_up_ = absl::Now() + kLongestWrite;
    is_written_ = begins;
  }

  const OnChange on_change_;
  const Descriptor events_{inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  const Descriptor stop_{eventfd(0, EFD_CLOEXEC)};
  std::string path_, name_;
  // On the thread only.
  bool has_changed_ = false;
  bool is_written_ = false;
  bool is_outdated_ = false;  // it has changed since the call that is under way began
  absl::Time give_up_;
  std::thread thread_;
};

FileWatch::FileWatch(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FileWatch::~FileWatch() = default;

absl::StatusOr<std::unique_ptr<FileWatch>> FileWatch::Start(const std::string& path,
                                                            OnChange on_change) {
  auto impl = std::make_unique<Impl>(std::move(on_change));
  const absl::Status status = impl->Start(path);
  if (!status.ok()) return status;
  return std::unique_ptr<FileWatch>(new FileWatch(std::move(impl)));
}

}  // namespace alidade
