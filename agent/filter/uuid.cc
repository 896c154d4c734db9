// SPDX-License-Identifier: Apache-2.0
//
// uuid: exact text. The header holds it as 16 bytes, zero when the flow's is no canonical UUID.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/filter/predicate.h"

namespace alidade {
namespace {

using Uuid = std::array<uint8_t, 16>;

std::optional<unsigned> LowerHexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  return std::nullopt;
}

// Canonical text only: lower case, dashes at 8, 13, 18 and 23 (RFC 9562 section 4).
std::optional<Uuid> ParseCanonical(std::string_view text) {
  constexpr size_t kTextSize = 36;
  if (text.size() != kTextSize) return std::nullopt;
  Uuid uuid{};
  size_t digits = 0;
  for (size_t i = 0; i < kTextSize; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (dash) continue;
    const std::optional<unsigned> digit = LowerHexDigit(text[i]);
    if (!digit) return std::nullopt;
    uuid[digits / 2] = static_cast<uint8_t>(unsigned{uuid[digits / 2]} << 4 | *digit);
    ++digits;
  }
  return uuid;
}

class UuidPredicate final : public Predicate {
 public:
  explicit UuidPredicate(const flow::FlowFilter& filter)
      : texts_(filter.uuid().begin(), filter.uuid().end()) {
    for (const std::string& text : texts_) {
      if (const std::optional<Uuid> uuid = ParseCanonical(text)) uuids_.push_back(*uuid);
    }
  }

  bool MatchesFlow(StoredEvent& event) override {
    if (event.header().uuid != Uuid{}) return Contains(uuids_, event.header().uuid);
    return Contains(texts_, event.Bytes(flow::Flow::kUuidFieldNumber).value_or(""));
  }
  // Nearly: only a flow whose header has none is looked up in its bytes.
  bool header_only() const override { return true; }

 private:
  template <typename List, typename Value>
  static bool Contains(const List& list, const Value& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }

  const std::vector<std::string> texts_;
  std::vector<Uuid> uuids_;
};

}  // namespace

absl::Status CompileUuid(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                         PredicateList* out) {
  if (!filter.uuid().empty()) out->push_back(std::make_unique<UuidPredicate>(filter));
  return absl::OkStatus();
}

}  // namespace alidade
