// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/stored_event.h"

#include "flow/flow.pb.h"

namespace alidade {

std::string_view StoredEvent::body() {
  if (!body_) {
    body_ = source_->FetchBody();
    if (!body_) {
      gone_ = true;
      body_ = std::string_view();
    }
  }
  return *body_;
}

std::optional<std::string_view> StoredEvent::Endpoint(Side side) {
  return Bytes(side == Side::kSource ? flow::Flow::kSourceFieldNumber
                                     : flow::Flow::kDestinationFieldNumber);
}

}  // namespace alidade
