// SPDX-License-Identifier: Apache-2.0
//
// The event source that the options ask for, with everything that has to live as long as it does.
#ifndef ALIDADE_AGENT_CAPTURE_OPENED_SOURCE_H_
#define ALIDADE_AGENT_CAPTURE_OPENED_SOURCE_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "agent/capture/capture_options.h"
#include "agent/capture/ebpf_capture.h"
#include "agent/capture/pinned_rings.h"
#include "agent/capture/replay_source.h"

namespace alidade {

class OpenedSource {
 public:
  // `events` are those of source ebpf; of the others, cilium tells the network once, at start.
  // Errors: as of the source.
  static absl::StatusOr<std::unique_ptr<OpenedSource>> Open(const CaptureOptions& options,
                                                            CaptureEvents events);

  EventSource& events() { return *source_; }
  // Null when the source is another.
  EbpfCapture* ebpf() const { return ebpf_.get(); }
  // Null when the source knows none.
  const SocketOwnerSource* socket_owners() const {
    return ebpf_ != nullptr ? ebpf_->socket_owners() : nullptr;
  }

 private:
  OpenedSource() = default;

  std::unique_ptr<EbpfCapture> ebpf_;  // one of these three
  std::optional<PinnedRings> pinned_;
  std::unique_ptr<ReplaySource> replay_;
  EventSource* source_ = nullptr;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CAPTURE_OPENED_SOURCE_H_
