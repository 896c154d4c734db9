// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/serving_loop.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "grpc/support/time.h"

namespace alidade {
namespace {

// Short beside what a client notices, long beside the time of a burst.
constexpr int64_t kRestNs = 4'000'000;

}  // namespace

ServingLoop::ServingLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue)
    : queue_(std::move(queue)) {}

ServingLoop::~ServingLoop() = default;

void ServingLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void ServingLoop::Close() {
  absl::MutexLock lock(&wake_mutex_);
  close_asked_ = true;
  // An alarm that is on its way will do.
  if (wake_state_.exchange(kClosed, std::memory_order_acq_rel) != kFired) FireLocked();
}

void ServingLoop::Join() {
  queue_->Shutdown();
  if (thread_.joinable()) {
    thread_.join();
    return;
  }
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<CompletionTag*>(tag)->OnComplete(ok);
}

void ServingLoop::FireLocked() {
  alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_REALTIME), &wake_tag_);
}

void ServingLoop::Wake() {
  if (wake_state_.fetch_or(0, std::memory_order_acq_rel) != kArmed) return;
  absl::MutexLock lock(&wake_mutex_);
  int armed = kArmed;
  if (wake_state_.compare_exchange_strong(armed, kFired, std::memory_order_acq_rel)) FireLocked();
}

void ServingLoop::ArmWake() {
  if (has_written_ && !rest_end_ns_) {
    has_written_ = false;
    rest_end_ns_ = absl::GetCurrentTimeNanos() + kRestNs;
  }
  if (rest_end_ns_) return;
  int idle = kIdle;
  wake_state_.compare_exchange_strong(idle, kArmed, std::memory_order_acq_rel);
}

void ServingLoop::OnWake(bool /*ok*/) {
  int fired = kFired;
  wake_state_.compare_exchange_strong(fired, kIdle, std::memory_order_acq_rel);
  {
    absl::MutexLock lock(&wake_mutex_);
    closing_ = close_asked_;
  }
  if (closing_) {
    // A client may go when told.
    const std::vector<LoopClient*> clients(clients_.begin(), clients_.end());
    for (LoopClient* client : clients) client->OnClose();
    return;
  }
  WakeAll();
}

void ServingLoop::WakeAll() {
  ready_.insert(ready_.end(), waiting_.begin(), waiting_.end());
  waiting_.clear();
  next_due_.reset();
  rest_end_ns_.reset();
}

// Looked at after every event: one call that always has something to do must not keep those that
// wait from their turn.
void ServingLoop::EndRestIfOver() {
  if (rest_end_ns_ && absl::GetCurrentTimeNanos() >= *rest_end_ns_) WakeAll();
}

void ServingLoop::Remove(LoopClient* client) {
  clients_.erase(client);
  waiting_.erase(client);
  std::erase(ready_, client);
}

void ServingLoop::Run() {
  for (;;) {
    gpr_timespec deadline = gpr_inf_future(GPR_CLOCK_REALTIME);
    if (!ready_.empty()) {
      deadline = gpr_inf_past(GPR_CLOCK_REALTIME);
    } else if (next_due_ || rest_end_ns_) {
      const int64_t due = std::min(next_due_.value_or(INT64_MAX), rest_end_ns_.value_or(INT64_MAX));
      deadline = gpr_time_from_nanos(due, GPR_CLOCK_REALTIME);
    }
    void* tag = nullptr;
    bool ok = false;
    switch (queue_->AsyncNext(&tag, &ok, deadline)) {
      case grpc::CompletionQueue::SHUTDOWN:
        return;
      case grpc::CompletionQueue::GOT_EVENT:
        static_cast<CompletionTag*>(tag)->OnComplete(ok);
        break;
      case grpc::CompletionQueue::TIMEOUT:
        WakeDue();
        break;
    }
    EndRestIfOver();
    RunOneTurn();
  }
}

void ServingLoop::RunOneTurn() {
  if (ready_.empty()) return;
  LoopClient* client = ready_.front();
  ready_.pop_front();
  client->OnTurn();
}

void ServingLoop::Wait(LoopClient* client) {
  waiting_.insert(client);
  const std::optional<int64_t> due = client->wake_ns();
  if (due && (!next_due_ || *due < *next_due_)) next_due_ = due;
}

void ServingLoop::WakeDue() {
  const int64_t now = absl::GetCurrentTimeNanos();
  const std::unordered_set<LoopClient*> waiting = std::exchange(waiting_, {});
  next_due_.reset();
  for (LoopClient* client : waiting) {
    const std::optional<int64_t> due = client->wake_ns();
    if (due && *due <= now) {
      ready_.push_back(client);
    } else {
      Wait(client);
    }
  }
}

}  // namespace alidade
