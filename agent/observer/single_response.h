// SPDX-License-Identifier: Apache-2.0
//
// Responders for calls with one answer.
#ifndef ALIDADE_AGENT_OBSERVER_SINGLE_RESPONSE_H_
#define ALIDADE_AGENT_OBSERVER_SINGLE_RESPONSE_H_

#include <memory>
#include <string>
#include <utility>

#include "agent/observer/responder.h"
#include "google/protobuf/message_lite.h"

namespace alidade {

// Sends one message, and then ends the call or leaves it open.
class SingleResponse final : public Responder {
 public:
  enum class Then { kEnd, kStayOpen };

  // `message` is serialized.
  SingleResponse(std::string message, Then then) : message_(std::move(message)), then_(then) {}

  Step Next(std::string* message) override {
    if (sent_) return then_ == Then::kEnd ? Step::kDone : Step::kPark;
    sent_ = true;
    *message = std::move(message_);
    return Step::kMessage;
  }

 private:
  std::string message_;
  const Then then_;
  bool sent_ = false;
};

inline std::unique_ptr<Responder> RespondOnce(const google::protobuf::MessageLite& message) {
  return std::make_unique<SingleResponse>(message.SerializeAsString(), SingleResponse::Then::kEnd);
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_SINGLE_RESPONSE_H_
