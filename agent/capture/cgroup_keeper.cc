// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/cgroup_keeper.h"

#include <bpf/libbpf.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/capture/system_error.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

constexpr std::chrono::seconds kLookEvery{1};

constexpr char kNobody[] =
    "recvmsg is not watched: no program of others stands there that could translate "
    "(--recvmsg-attach)";

int Ignore(void*, void*, size_t) { return 0; }

}  // namespace

void CgroupKeeper::RingBufferDeleter::operator()(ring_buffer* ring) const {
  ring_buffer__free(ring);
}

absl::StatusOr<std::unique_ptr<CgroupKeeper>> CgroupKeeper::Start(
    std::vector<CgroupAttachment*> attachments, std::optional<RecvmsgPrograms> recvmsg) {
  auto keeper = std::unique_ptr<CgroupKeeper>(new CgroupKeeper(std::move(attachments)));
  RETURN_IF_ERROR(keeper->Prepare(std::move(recvmsg)));
  keeper->thread_ = std::thread([keeper = keeper.get()] { keeper->Run(); });
  return keeper;
}

absl::Status CgroupKeeper::Prepare(std::optional<RecvmsgPrograms> recvmsg) {
  stop_ = FileDescriptor(eventfd(0, EFD_CLOEXEC));
  if (!stop_.valid()) return SystemError(errno, "make an eventfd");
  if (!recvmsg) return absl::OkStatus();
  translations_.reset(ring_buffer__new(recvmsg->translations_fd, Ignore, nullptr, nullptr));
  if (translations_ == nullptr) return SystemError(errno, "open the ring of translations");
  on_recvmsg_ = recvmsg->attachment;
  others_.emplace(std::move(recvmsg->root),
                  std::vector<bpf_attach_type>{BPF_CGROUP_UDP4_RECVMSG, BPF_CGROUP_UDP6_RECVMSG},
                  on_recvmsg_->OnDemand());
  LookForOthers(false);
  return absl::OkStatus();
}

CgroupKeeper::~CgroupKeeper() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t bytes = write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

std::string CgroupKeeper::recvmsg_lacks() const {
  absl::MutexLock lock(&mutex_);
  return recvmsg_lacks_;
}

void CgroupKeeper::Run() {
  Clock::time_point next = Clock::now() + kLookEvery;
  while (true) {
    const Clock::time_point now = Clock::now();
    const Clock::time_point told_from =
        on_recvmsg_ != nullptr ? watch_.told_from() : Clock::time_point::max();
    pollfd waited[] = {
        {stop_.get(), POLLIN, 0},
        {now >= told_from ? ring_buffer__epoll_fd(translations_.get()) : -1, POLLIN, 0}};
    const Clock::time_point until = now >= told_from ? next : std::min(next, told_from);
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    const int ready =
        poll(waited, std::size(waited), static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready < 0 && errno != EINTR) return;
    if (ready > 0 && waited[0].revents != 0) return;
    if (ready > 0) LookForOthers(true);
    if (Clock::now() < next) continue;
    next = Clock::now() + kLookEvery;
    // A program that cannot be moved stays where it is, and is tried again.
    for (CgroupAttachment* attachment : attachments_) attachment->KeepPlaces().IgnoreError();
    if (on_recvmsg_ != nullptr) LookForOthers(false);
  }
}

void CgroupKeeper::LookForOthers(bool was_told) {
  const Clock::time_point begin = Clock::now();
  if (others_->AtRoot()) {
    watch_.OnOthers(begin);
  } else if (was_told || watch_.IsTreeDue(begin)) {
    ring_buffer__consume(translations_.get());  // what is told from now on is news
    const bool found = others_->Anywhere();
    watch_.OnTree(found, begin, Clock::now());
  }
  const absl::Status followed = on_recvmsg_->Demand(watch_.is_on());
  std::string lacks = watch_.is_on() ? "" : kNobody;
  if (!followed.ok()) lacks = absl::StrCat("recvmsg is not watched: ", followed.message());
  absl::MutexLock lock(&mutex_);
  recvmsg_lacks_ = std::move(lacks);
}

}  // namespace alidade
