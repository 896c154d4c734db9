// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/ca_bundle.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "agent/observer/descriptor.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

constexpr char kPemHead[] = "-----BEGIN CERTIFICATE-----";

absl::Status SystemError(const char* what) {
  return absl::UnavailableError(
      absl::StrCat("cannot gather the clients' certificates: ", what, ": ", std::strerror(errno)));
}

struct Source {
  std::string path;
  std::string certificates;  // what it held last
  bool is_bad = false;       // now
};

}  // namespace

class CaBundle::Impl {
 public:
  Impl(std::vector<std::string> files, std::function<void(const std::string&)> warn)
      : warn_(std::move(warn)) {
    for (std::string& file : files) sources_.push_back({std::move(file), {}, false});
  }

  ~Impl() {
    if (!thread_.joinable()) return;
    {
      absl::MutexLock lock(&mutex_);
      stop_ = true;
    }
    thread_.join();
  }

  absl::Status Start(absl::Duration refresh) {
    if (!file_.valid()) return SystemError("memfd_create");
    Read();
    RETURN_IF_ERROR(Publish());
    thread_ = std::thread([this, refresh] { Run(refresh); });
    return absl::OkStatus();
  }

  const std::string& path() const { return path_; }

 private:
  void Run(absl::Duration refresh) {
    absl::MutexLock lock(&mutex_);
    while (!mutex_.AwaitWithTimeout(absl::Condition(&stop_), refresh)) {
      if (!Read()) continue;
      const absl::Status status = Publish();
      if (!status.ok()) warn_(std::string(status.message()));
    }
  }

  // True when there is something new.
  bool Read() {
    bool changed = false;
    for (Source& source : sources_) {
      std::ifstream file(source.path);
      std::string text{std::istreambuf_iterator<char>(file), {}};
      const bool is_bad = text.find(kPemHead) == std::string::npos;
      if (is_bad && !source.is_bad) {
        warn_(absl::StrCat("no certificate in ", source.path, "; ",
                           source.certificates.empty()
                               ? "its clients are refused until there is one"
                               : "those that it held go on counting"));
      }
      source.is_bad = is_bad;
      if (is_bad || text == source.certificates) continue;
      source.certificates = std::move(text);
      changed = true;
    }
    return changed;
  }

  // Puts a new file in the place of the old one, at once: who reads the old one has it whole.
  absl::Status Publish() const {
    std::string all;
    for (const Source& source : sources_) absl::StrAppend(&all, source.certificates, "\n");
    const Descriptor fresh(MakeFile());
    if (!fresh.valid()) return SystemError("memfd_create");
    for (size_t done = 0; done < all.size();) {
      const ssize_t count = write(fresh.get(), all.data() + done, all.size() - done);
      if (count < 0) return SystemError("write");
      done += static_cast<size_t>(count);
    }
    if (dup3(fresh.get(), file_.get(), O_CLOEXEC) < 0) return SystemError("dup3");
    return absl::OkStatus();
  }

  static int MakeFile() { return memfd_create("client-ca", MFD_CLOEXEC); }

  const std::function<void(const std::string&)> warn_;
  const Descriptor file_{MakeFile()};
  const std::string path_ = absl::StrCat("/proc/self/fd/", file_.get());
  std::vector<Source> sources_;  // of the thread once there is one
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

CaBundle::CaBundle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

CaBundle::~CaBundle() = default;

const std::string& CaBundle::path() const { return impl_->path(); }

absl::StatusOr<std::unique_ptr<CaBundle>> CaBundle::Start(
    std::vector<std::string> files, absl::Duration refresh,
    std::function<void(const std::string& line)> warn) {
  auto impl = std::make_unique<Impl>(std::move(files), std::move(warn));
  RETURN_IF_ERROR(impl->Start(refresh));
  return std::unique_ptr<CaBundle>(new CaBundle(std::move(impl)));
}

}  // namespace alidade
