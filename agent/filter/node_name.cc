// SPDX-License-Identifier: Apache-2.0
//
// node_name: `cluster/node` or `node`, each side a pattern of 5.5; an empty side is any name. Flows
// of this node carry no name in the store, so that its own name is judged when compiling.
#include <algorithm>
#include <string>
#include <string_view>

#include "agent/filter/concat.h"
#include "agent/filter/dns_pattern.h"
#include "agent/filter/predicate.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

constexpr std::string_view kAnyName = "[-0-9_a-z]+(?:[.][-0-9_a-z]+)*";

absl::StatusOr<std::string> SideRegex(std::string_view pattern) {
  if (pattern.empty()) return std::string(kAnyName);
  return DnsPatternRegex(pattern);
}

absl::StatusOr<std::string> NodeRegex(std::string_view pattern) {
  if (pattern.empty()) return absl::UnknownError("empty pattern");
  const size_t slash = pattern.find('/');
  if (slash == std::string_view::npos) {
    ASSIGN_OR_RETURN(const std::string node, DnsPatternRegex(pattern));
    return Concat(kAnyName, "/", node);
  }
  if (pattern.find('/', slash + 1) != std::string_view::npos) {
    return absl::UnknownError("too many slashes in pattern");
  }
  ASSIGN_OR_RETURN(const std::string cluster, SideRegex(pattern.substr(0, slash)));
  ASSIGN_OR_RETURN(const std::string node, SideRegex(pattern.substr(slash + 1)));
  return Concat(cluster, "/", node);
}

class NodeNamePredicate final : public Predicate {
 public:
  NodeNamePredicate(WholeTextMatcher matcher, const NodeIdentity& node)
      : matcher_(std::move(matcher)), own_matches_(Fits(node.FullName())) {}

  bool MatchesFlow(StoredEvent& event) override {
    const std::optional<std::string_view> name = event.Bytes(flow::Flow::kNodeNameFieldNumber);
    return name ? Fits(*name) : own_matches_;
  }

 private:
  bool Fits(std::string_view name) const {
    if (name.empty()) return false;
    if (name.find('/') != std::string_view::npos) return matcher_.Matches(name);
    return matcher_.Matches(Concat("default/", name));
  }

  const WholeTextMatcher matcher_;
  const bool own_matches_;
};

}  // namespace

absl::Status CompileNodeName(const flow::FlowFilter& filter, const NodeIdentity& node,
                             PredicateList* out) {
  if (filter.node_name().empty()) return absl::OkStatus();
  WholeTextMatcher matcher;
  for (const std::string& pattern : filter.node_name()) {
    ASSIGN_OR_RETURN(const std::string regex, NodeRegex(pattern));
    matcher.Add(regex);
  }
  matcher.Compile();
  out->push_back(std::make_unique<NodeNamePredicate>(std::move(matcher), node));
  return absl::OkStatus();
}

}  // namespace alidade
