// SPDX-License-Identifier: Apache-2.0
//
// Remembers what a predicate said of an endpoint, by its handle: endpoints with equal handles
// have equal contents (parser/endpoint.h), and there are few of them for many flows.
#ifndef ALIDADE_AGENT_FILTER_ENDPOINT_ANSWERS_H_
#define ALIDADE_AGENT_FILTER_ENDPOINT_ANSWERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace alidade {

// Direct-mapped, so that its size is fixed: a handle that falls on another's place replaces it.
class EndpointAnswers {
 public:
  // The remembered answer. None for handle 0, which stands for no endpoint in particular.
  std::optional<bool> Find(uint32_t handle) const {
    const Entry& entry = entries_[handle % kEntries];
    if (handle == 0 || entry.handle != handle) return std::nullopt;
    return entry.answer;
  }

  void Remember(uint32_t handle, bool answer) { entries_[handle % kEntries] = {handle, answer}; }

 private:
  static constexpr size_t kEntries = 512;
  struct Entry {
    uint32_t handle = 0;
    bool answer = false;
  };
  std::array<Entry, kEntries> entries_{};
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_ENDPOINT_ANSWERS_H_
