// SPDX-License-Identifier: Apache-2.0
//
// What answers one call, separate from how calls are carried: the next response message, and what
// to do until there is one.
#ifndef ALIDADE_AGENT_OBSERVER_RESPONDER_H_
#define ALIDADE_AGENT_OBSERVER_RESPONDER_H_

#include <cstdint>
#include <optional>
#include <string>

namespace alidade {

class Responder {
 public:
  enum class Step {
    kMessage,  // a message was written
    kYield,    // ask again after other calls had their turn
    kWait,     // ask again when the store grows, or at wake_ns()
    kPark,     // nothing more will come; the client ends the call
    kDone,     // the call ends with OK
  };

  virtual ~Responder() = default;

  // Replaces `message` by the next serialized response when there is one. Does a bounded amount of
  // work. Thread: one at a time.
  virtual Step Next(std::string* message) = 0;

  // After kWait: when to ask again at the latest, in nanoseconds since the Unix epoch.
  virtual std::optional<int64_t> wake_ns() const { return std::nullopt; }
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_RESPONDER_H_
