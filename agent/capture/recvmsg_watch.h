// SPDX-License-Identifier: Apache-2.0
//
// When our programs are worth their cost on recvmsg: while others stand there. For each datagram
// that a process receives, a program there makes the kernel lock the socket once more, and without
// another's nothing is translated that the packet itself does not tell.
#ifndef ALIDADE_AGENT_CAPTURE_RECVMSG_WATCH_H_
#define ALIDADE_AGENT_CAPTURE_RECVMSG_WATCH_H_

#include <chrono>

namespace alidade {

// Decides; somebody else looks and attaches. Times are of one clock. Thread: one at a time.
class RecvmsgWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Between two looks through all cgroups, unless a translated call asks for one. What stands at
  // the root is seen each time. Where a look takes long, a hundred times that passes in any case.
  static constexpr std::chrono::seconds kTreeEvery{10};
  // Others that are replaced are not gone.
  static constexpr std::chrono::seconds kLinger{5};

  // Whether our programs are to stand.
  bool is_on() const { return is_on_; }

  // Whether it is time to look through all cgroups; true at first.
  bool IsTreeDue(Time now) const { return now >= tree_due_; }

  // From when on a translated call is news, and leads to a look at once; Time::max(): not while
  // ours stand.
  Time told_from() const { return is_on_ ? Time::max() : tree_allowed_; }

  // Others were seen.
  void OnOthers(Time now) {
    is_on_ = true;
    seen_ = now;
  }
  // All cgroups were looked through in this time.
  void OnTree(bool others, Time begin, Time end);

 private:
  bool is_on_ = false;
  Time seen_{};
  Time tree_due_ = Time::min();
  Time tree_allowed_ = Time::min();
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_RECVMSG_WATCH_H_
