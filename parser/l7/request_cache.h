// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of requests until their responses come, by X-Request-Id.
#ifndef ALIDADE_PARSER_L7_REQUEST_CACHE_H_
#define ALIDADE_PARSER_L7_REQUEST_CACHE_H_

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace alidade {

// The least recently added is forgotten when there are more than `capacity`.
// Thread: one.
template <typename Value>
class RequestCache {
 public:
  explicit RequestCache(size_t capacity) : capacity_(capacity) {}

  void Add(std::string_view id, Value value) {
    Take(id);
    entries_.emplace_front(std::string(id), std::move(value));
    by_id_[entries_.front().first] = entries_.begin();
    if (entries_.size() <= capacity_) return;
    by_id_.erase(entries_.back().first);
    entries_.pop_back();
  }

  // What was added last for `id`, which is forgotten.
  std::optional<Value> Take(std::string_view id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return std::nullopt;
    const auto entry = found->second;
    Value value = std::move(entry->second);
    by_id_.erase(found);
    entries_.erase(entry);
    return value;
  }

 private:
  using Entries = std::list<std::pair<std::string, Value>>;

  const size_t capacity_;
  Entries entries_;                                                         // newest first
  std::unordered_map<std::string_view, typename Entries::iterator> by_id_;  // views of the entries
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_L7_REQUEST_CACHE_H_
