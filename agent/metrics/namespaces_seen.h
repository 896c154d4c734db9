// SPDX-License-Identifier: Apache-2.0
//
// The namespaces that flows came from or went to of late, for Observer.GetNamespaces: noted when a
// flow is decoded, so that no filter and no overwritten store hides one (contract 3.3).
#ifndef ALIDADE_AGENT_METRICS_NAMESPACES_SEEN_H_
#define ALIDADE_AGENT_METRICS_NAMESPACES_SEEN_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "parser/endpoint.h"

namespace alidade {

class NamespacesSeen {
 public:
  // A namespace is forgotten so long after it was last seen.
  static constexpr int64_t kLifetimeNs = int64_t{3600} * 1'000'000'000;

  // Notes the namespace of one side of a flow; nothing when `endpoint` is null or has none. Cheap
  // for endpoints that are seen again and again. Thread: one, the pipeline's.
  // `now_ns`: nanoseconds since the Unix epoch.
  void Note(const Endpoint* endpoint, int64_t now_ns);

  // Likewise by name alone, which costs more. Empty: none.
  void Note(const std::string& name, int64_t now_ns);

  // The namespaces that are remembered, sorted bytewise. Thread: any.
  std::vector<std::string> Names(int64_t now_ns) const;

 private:
  // An endpoint that was noted is not looked at again for so long. Lifetimes are that inexact.
  static constexpr int64_t kRestNs = int64_t{60} * 1'000'000'000;
  static constexpr size_t kRecent = 256;
  struct Recent {
    uint32_t handle = 0;
    int64_t noted_ns = 0;
  };

  void Remember(const std::string& name, int64_t now_ns);

  // Of the one thread that notes: direct-mapped by handle, so that the size is fixed.
  std::array<Recent, kRecent> recent_{};

  mutable absl::Mutex mutex_;
  std::map<std::string, int64_t> last_seen_ns_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_METRICS_NAMESPACES_SEEN_H_
