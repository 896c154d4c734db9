// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/peer.h"

#include <deque>
#include <utility>

#include "agent/observer/peer_book.h"
#include "peer/peer.pb.h"

namespace alidade {
namespace {

// Tells the difference between what the client knows and what the book says. A client that does
// not read costs no more than one book, however often that changes.
class PeerResponder final : public Responder {
 public:
  explicit PeerResponder(const PeerBook& book) : book_(book) {}

  Step Next(std::string* message) override {
    if (changes_.empty()) Compare();
    if (changes_.empty()) return Step::kWait;
    changes_.front().SerializeToString(message);
    changes_.pop_front();
    return Step::kMessage;
  }

 private:
  void Compare() {
    const uint64_t version = book_.version();
    if (version == version_) return;
    version_ = version;
    const PeerBook::Page known = std::exchange(known_, book_.Get());
    for (const auto& [name, peer] : *known) {
      if (!known_->contains(name)) Tell(peer::PEER_DELETED, name, peer);
    }
    for (const auto& [name, peer] : *known_) {
      const auto before = known->find(name);
      if (before == known->end()) {
        Tell(peer::PEER_ADDED, name, peer);
      } else if (before->second != peer) {
        Tell(peer::PEER_UPDATED, name, peer);
      }
    }
  }

  void Tell(peer::ChangeNotificationType type, const std::string& name, const Peer& peer) {
    peer::ChangeNotification& change = changes_.emplace_back();
    change.set_type(type);
    change.set_name(name);
    change.set_address(peer.address);
    if (!peer.server_name.empty()) change.mutable_tls()->set_server_name(peer.server_name);
  }

  const PeerBook& book_;
  uint64_t version_ = 0;
  PeerBook::Page known_ = std::make_shared<PeerMap>();  // what the client knows, changes_ included
  std::deque<peer::ChangeNotification> changes_;        // not yet told
};

}  // namespace

ResponderOr StartNotify(const CallStart& call) {
  return std::make_unique<PeerResponder>(call.state.peers);
}

}  // namespace alidade
