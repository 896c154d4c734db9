// SPDX-License-Identifier: Apache-2.0
//
// A predicate about what an endpoint is (pod, labels, workload, cluster): answered once per
// endpoint handle.
#ifndef ALIDADE_AGENT_FILTER_ENDPOINT_PREDICATE_H_
#define ALIDADE_AGENT_FILTER_ENDPOINT_PREDICATE_H_

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "agent/filter/endpoint_answers.h"
#include "agent/filter/predicate.h"

namespace alidade {
namespace internal {

template <typename Fn>
class EndpointPredicate final : public Predicate {
 public:
  EndpointPredicate(Side side, Fn matches) : side_(side), matches_(std::move(matches)) {}

  bool MatchesFlow(StoredEvent& event) override {
    const uint32_t handle = event.EndpointHandle(side_);
    if (const std::optional<bool> known = answers_.Find(handle)) return *known;
    const bool answer = matches_(event.Endpoint(side_).value_or(std::string_view()));
    if (!event.gone()) answers_.Remember(handle, answer);
    return answer;
  }
  bool MatchesOther(StoredEvent& /*event*/) override { return matches_(std::string_view()); }

 private:
  const Side side_;
  Fn matches_;
  EndpointAnswers answers_;
};

}  // namespace internal

// A predicate from `matches`(encoded flow.Endpoint), which gets no bytes when there is no endpoint.
template <typename Fn>
std::unique_ptr<Predicate> OnEndpoint(Side side, Fn matches) {
  return std::make_unique<internal::EndpointPredicate<Fn>>(side, std::move(matches));
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_ENDPOINT_PREDICATE_H_
