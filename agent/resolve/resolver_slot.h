// SPDX-License-Identifier: Apache-2.0
//
// The one snapshot that names are resolved from now. Whoever learns something new replaces it as a
// whole; who resolves takes it once per batch and keeps it as long as its events need it.
#ifndef ALIDADE_AGENT_RESOLVE_RESOLVER_SLOT_H_
#define ALIDADE_AGENT_RESOLVE_RESOLVER_SLOT_H_

#include <atomic>
#include <memory>
#include <utility>

#include "parser/endpoint.h"

namespace alidade {

// Thread: any.
class ResolverSlot {
 public:
  void Set(std::shared_ptr<const EndpointResolver> resolver) {
    resolver_.store(std::move(resolver));
  }
  std::shared_ptr<const EndpointResolver> Get() const { return resolver_.load(); }

 private:
  std::atomic<std::shared_ptr<const EndpointResolver>> resolver_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_RESOLVE_RESOLVER_SLOT_H_
