// SPDX-License-Identifier: Apache-2.0
//
// The nodes that are known now, for every open Peer.Notify stream.
#ifndef ALIDADE_AGENT_OBSERVER_PEER_BOOK_H_
#define ALIDADE_AGENT_OBSERVER_PEER_BOOK_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "agent/observer/peer_list.h"

namespace alidade {

// Thread: any.
class PeerBook {
 public:
  using Page = std::shared_ptr<const PeerMap>;

  void Set(PeerMap peers) {
    Page page = std::make_shared<PeerMap>(std::move(peers));
    absl::MutexLock lock(&mutex_);
    page_ = std::move(page);
    version_.fetch_add(1, std::memory_order_release);
  }

  // Never null.
  Page Get() const {
    absl::MutexLock lock(&mutex_);
    return page_;
  }

  // Changes with every Set. Cheap.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  mutable absl::Mutex mutex_;
  Page page_ ABSL_GUARDED_BY(mutex_) = std::make_shared<PeerMap>();
  std::atomic<uint64_t> version_{1};
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_PEER_BOOK_H_
