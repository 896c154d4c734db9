// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/field_mask.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "agent/filter/wire.h"
#include "flow/flow.pb.h"
#include "google/protobuf/descriptor.h"

namespace alidade {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// The field numbers along `path`; empty when the path is invalid.
std::vector<uint32_t> ResolvePath(const std::string& path) {
  std::vector<uint32_t> numbers;
  const Descriptor* message = flow::Flow::descriptor();
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(path, '.'))) {
    const FieldDescriptor* field = message == nullptr ? nullptr : message->FindFieldByName(name);
    if (field == nullptr) return {};
    numbers.push_back(static_cast<uint32_t>(field->number()));
    message = field->is_repeated() ? nullptr : field->message_type();
  }
  return numbers;
}

}  // namespace

absl::StatusOr<FieldMask> FieldMask::Compile(const google::protobuf::FieldMask& mask) {
  FieldMask compiled;
  std::set<std::vector<uint32_t>> paths;  // sorted: a parent comes before its children
  for (const std::string& path : mask.paths()) {
    std::vector<uint32_t> numbers = ResolvePath(path);
    if (numbers.empty()) return absl::UnknownError("invalid fieldmask");
    paths.insert(std::move(numbers));
  }
  for (const std::vector<uint32_t>& numbers : paths) {
    Node* node = &compiled.root_;
    for (const uint32_t number : numbers) {
      const auto [child, inserted] = node->children.try_emplace(number);
      const bool covered = !inserted && child->second.children.empty();  // by a shorter path
      if (covered) break;
      node = &child->second;
    }
  }
  return compiled;
}

void FieldMask::Apply(std::string_view flow, std::string* out) const {
  if (keeps_all()) {
    out->append(flow);
  } else {
    ApplyNode(root_, flow, out);
  }
}

void FieldMask::ApplyNode(const Node& node, std::string_view message, std::string* out) {
  for (WireCursor cursor(message); cursor.Next();) {
    const auto child = node.children.find(cursor.field());
    if (child != node.children.end() && child->second.children.empty()) out->append(cursor.whole());
  }
  for (const auto& [number, child] : node.children) {
    if (child.children.empty()) continue;
    const size_t start = out->size();
    ApplyNode(child, FindBytes(message, number).value_or(""), out);
    std::string head;  // short enough to need no heap
    AppendBytesHead(number, out->size() - start, &head);
    out->insert(start, head);
  }
}

}  // namespace alidade
