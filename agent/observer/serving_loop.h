// SPDX-License-Identifier: Apache-2.0
//
// One completion queue and the thread that serves it: events of calls, turns of calls that have
// more to do than fits into one, and waking calls that wait for the store to grow.
//
// Who waits on a quiet node is woken at once. While there is much to send, waking for every few
// flows would cost more than sending them: a loop whose calls have written rests for some
// milliseconds before it looks for more, and nobody wakes it meanwhile.
#ifndef ALIDADE_AGENT_OBSERVER_SERVING_LOOP_H_
#define ALIDADE_AGENT_OBSERVER_SERVING_LOOP_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_set>

#include "absl/synchronization/mutex.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"

namespace alidade {

// What a completion queue gives back. `ok` as gRPC has it for the operation.
class CompletionTag {
 public:
  virtual ~CompletionTag() = default;
  virtual void OnComplete(bool ok) = 0;
};

// Receives a completion by a member function of `T`.
template <typename T>
class MemberTag final : public CompletionTag {
 public:
  MemberTag(T* object, void (T::*receive)(bool)) : object_(object), receive_(receive) {}
  void OnComplete(bool ok) override { (object_->*receive_)(ok); }

 private:
  T* const object_;
  void (T::*const receive_)(bool);
};

// A call as its loop sees it. All its methods run on the loop's thread.
class LoopClient {
 public:
  virtual ~LoopClient() = default;
  // Its turn: it is neither ready nor waiting any more.
  virtual void OnTurn() = 0;
  // The server shuts down; a call that streams ends itself.
  virtual void OnClose() = 0;
  // While waiting: when its turn comes at the latest, in nanoseconds since the Unix epoch.
  virtual std::optional<int64_t> wake_ns() const = 0;
};

class ServingLoop {
 public:
  explicit ServingLoop(std::unique_ptr<grpc::ServerCompletionQueue> queue);
  // Close and Join must have been called if Start was.
  ~ServingLoop();

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }

  void Start();
  // Tells every call to end. Thread: any.
  void Close();
  // Drains the queue and ends the thread. The server must have been shut down.
  void Join();

  // Gives waiting calls their turn. One atomic operation when nobody waits. Thread: any one.
  void Wake();

  // --- the loop's own thread ---

  void Add(LoopClient* client) { clients_.insert(client); }
  // Forgets a client that is about to go.
  void Remove(LoopClient* client);
  // The client gets a turn soon.
  void Ready(LoopClient* client) { ready_.push_back(client); }
  // A client that is about to wait: from now on Wake() has an effect, unless the loop rests and
  // will look by itself. What was stored before has to be looked at afterwards, so that nothing
  // that is stored meanwhile is overlooked.
  void ArmWake();
  // The client gets a turn with the next Wake(), at the end of a rest, or at its wake_ns().
  void Wait(LoopClient* client);
  // The client has sent something.
  void NoteWrite() { has_written_ = true; }
  bool closing() const { return closing_; }

 private:
  // kIdle -> kArmed by the loop; kArmed -> kFired by Wake, whose alarm makes it kIdle again.
  // Both sides change the same variable, which orders the writer's append and the loop's look.
  enum WakeState : int { kIdle, kArmed, kFired, kClosed };

  void OnWake(bool ok);
  void Run();
  void RunOneTurn();
  void WakeDue();
  void WakeAll();
  void EndRestIfOver();
  void FireLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(wake_mutex_);

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::thread thread_;

  std::atomic<int> wake_state_{kIdle};
  absl::Mutex wake_mutex_;  // an alarm is set while it is held, never on a queue that shuts down
  grpc::Alarm alarm_ ABSL_GUARDED_BY(wake_mutex_);
  bool close_asked_ ABSL_GUARDED_BY(wake_mutex_) = false;
  MemberTag<ServingLoop> wake_tag_{this, &ServingLoop::OnWake};

  // Of the loop's thread.
  std::unordered_set<LoopClient*> clients_;
  std::unordered_set<LoopClient*> waiting_;
  std::optional<int64_t> next_due_;     // no waiting client is due before
  std::optional<int64_t> rest_end_ns_;  // resting until then
  bool has_written_ = false;            // since the last rest began
  std::deque<LoopClient*> ready_;
  bool closing_ = false;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_SERVING_LOOP_H_
