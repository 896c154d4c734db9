// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/stream_registry.h"

#include <utility>

namespace alidade {

StreamRegistry::Entry::Entry(StreamRegistry* registry, std::string peer, std::string method)
    : registry_(registry), peer_(std::move(peer)), method_(std::move(method)) {
  absl::MutexLock lock(&registry_->mutex_);
  place_ = registry_->open_.insert(registry_->open_.end(), this);
}

StreamRegistry::Entry::~Entry() {
  absl::MutexLock lock(&registry_->mutex_);
  registry_->open_.erase(place_);
}

void StreamRegistry::Describe(GetStatusResponse* status) const {
  absl::MutexLock lock(&mutex_);
  for (const Entry* entry : open_) {
    ClientStatus* client = status->add_clients();
    client->set_peer(entry->peer_);
    client->set_method(entry->method_);
    client->set_delivered(entry->counters_.delivered.value());
    client->set_filtered(entry->counters_.filtered.value());
    client->set_lost(entry->counters_.lost.value());
  }
}

}  // namespace alidade
