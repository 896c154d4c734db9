// SPDX-License-Identifier: Apache-2.0
//
// The values of a repeated field of a filter, as alternatives.
#ifndef ALIDADE_AGENT_FILTER_NUMBER_LIST_H_
#define ALIDADE_AGENT_FILTER_NUMBER_LIST_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace alidade {

class NumberList {
 public:
  template <typename Values>
  explicit NumberList(const Values& values) {
    for (const auto value : values) values_.push_back(static_cast<uint64_t>(value));
  }

  bool Has(uint64_t value) const {
    return std::find(values_.begin(), values_.end(), value) != values_.end();
  }

 private:
  std::vector<uint64_t> values_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_NUMBER_LIST_H_
