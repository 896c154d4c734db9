// SPDX-License-Identifier: Apache-2.0
//
// Minds our programs on cgroups while others' come and go, which they do without telling: gives
// ours their places back, and has those on recvmsg stand while they are worth it.
#ifndef ALIDADE_AGENT_CAPTURE_CGROUP_KEEPER_H_
#define ALIDADE_AGENT_CAPTURE_CGROUP_KEEPER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "agent/capture/cgroup_attachment.h"
#include "agent/capture/cgroup_programs.h"
#include "agent/capture/file_descriptor.h"
#include "agent/capture/recvmsg_watch.h"

struct ring_buffer;

namespace alidade {

// Where the programs on recvmsg are attached, and how it is told that they may be worth it.
struct RecvmsgPrograms {
  CgroupAttachment* attachment;  // they are those on demand
  std::string root;              // the folder of that cgroup
  int translations_fd;           // the map `translations` of bpf/sock_addr.bpf.c
};

// A thread of its own, from Start to the end of the object.
class CgroupKeeper {
 public:
  // What is attached outlives this, and is nobody else's meanwhile. Whoever stands on recvmsg by
  // now has ours beside him when this returns. Without `recvmsg`, programs on demand stay as they
  // are. Errors: the kernel refuses to be waited for.
  static absl::StatusOr<std::unique_ptr<CgroupKeeper>> Start(
      std::vector<CgroupAttachment*> attachments, std::optional<RecvmsgPrograms> recvmsg);
  ~CgroupKeeper();

  // Why recvmsg is not watched now; empty when it is, or is not for this to decide. Thread: any.
  std::string recvmsg_lacks() const;

 private:
  using Clock = std::chrono::steady_clock;

  explicit CgroupKeeper(std::vector<CgroupAttachment*> attachments)
      : attachments_(std::move(attachments)) {}

  absl::Status Prepare(std::optional<RecvmsgPrograms> recvmsg);
  void Run();
  void LookForOthers(bool was_told);

  struct RingBufferDeleter {
    void operator()(ring_buffer* ring) const;
  };

  std::vector<CgroupAttachment*> attachments_;
  CgroupAttachment* on_recvmsg_ = nullptr;  // null: not for this to decide
  std::optional<OtherPrograms> others_;
  RecvmsgWatch watch_;
  std::unique_ptr<ring_buffer, RingBufferDeleter> translations_;
  mutable absl::Mutex mutex_;
  std::string recvmsg_lacks_ ABSL_GUARDED_BY(mutex_);
  FileDescriptor stop_;  // eventfd
  std::thread thread_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_CGROUP_KEEPER_H_
