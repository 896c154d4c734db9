// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/namespaces_seen.h"

namespace alidade {

void NamespacesSeen::Note(const Endpoint* endpoint, int64_t now_ns) {
  if (endpoint == nullptr || endpoint->info.namespace_name.empty()) return;
  Recent& recent = recent_[endpoint->handle % kRecent];
  const bool rests = endpoint->handle != 0 && recent.handle == endpoint->handle &&
                     now_ns - recent.noted_ns < kRestNs && now_ns >= recent.noted_ns;
  if (rests) return;
  recent = {endpoint->handle, now_ns};
  Remember(endpoint->info.namespace_name, now_ns);
}

void NamespacesSeen::Note(const std::string& name, int64_t now_ns) {
  if (!name.empty()) Remember(name, now_ns);
}

void NamespacesSeen::Remember(const std::string& name, int64_t now_ns) {
  absl::MutexLock lock(&mutex_);
  const bool is_new = last_seen_ns_.insert_or_assign(name, now_ns).second;
  // A namespace that comes pays for those that went.
  if (is_new) {
    std::erase_if(last_seen_ns_,
                  [&](const auto& entry) { return entry.second + kLifetimeNs < now_ns; });
  }
}

std::vector<std::string> NamespacesSeen::Names(int64_t now_ns) const {
  std::vector<std::string> names;
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, seen_ns] : last_seen_ns_) {
    if (seen_ns + kLifetimeNs >= now_ns) names.push_back(name);
  }
  return names;
}

}  // namespace alidade
