// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/endpoint_interner.h"

#include <utility>

namespace alidade {

std::shared_ptr<const Endpoint> EndpointInterner::Intern(const EndpointInfo& info) {
  std::string wire = EncodeEndpoint(info);
  std::weak_ptr<const Endpoint>& slot = endpoints_[wire];
  if (std::shared_ptr<const Endpoint> known = slot.lock()) return known;

  auto made = std::make_shared<Endpoint>();
  made->info = info;
  made->handle = ++last_handle_;
  made->wire = std::move(wire);
  slot = made;
  if (endpoints_.size() >= sweep_at_) {
    std::erase_if(endpoints_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = 2 * endpoints_.size() + 1024;
  }
  return made;
}

}  // namespace alidade
