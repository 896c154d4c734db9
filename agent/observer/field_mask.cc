// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/field_mask.h"

#include <algorithm>
#include <array>
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

constexpr uint32_t kLowFields = 64;
// No message of the API has as many fields.
constexpr size_t kMaxParts = 64;

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

bool FieldMask::Node::KeepsWhole(uint32_t field) const {
  if (field < kLowFields) return (low_fields >> field & 1) != 0;
  return std::find(high_fields.begin(), high_fields.end(), field) != high_fields.end();
}

FieldMask::Node* FieldMask::Node::Part(uint32_t field) {
  const auto found = std::find(part_fields.begin(), part_fields.end(), field);
  if (found != part_fields.end()) return &parts[static_cast<size_t>(found - part_fields.begin())];
  part_fields.push_back(field);
  return &parts.emplace_back();
}

absl::StatusOr<FieldMask> FieldMask::Compile(const google::protobuf::FieldMask& mask) {
  FieldMask compiled;
  std::set<std::vector<uint32_t>> paths;  // sorted: a parent comes before its children
  for (const std::string& path : mask.paths()) {
    std::vector<uint32_t> numbers = ResolvePath(path);
    if (numbers.empty()) return absl::UnknownError("invalid fieldmask");
    paths.insert(std::move(numbers));
  }
  compiled.keeps_all_ = paths.empty();
  for (const std::vector<uint32_t>& numbers : paths) {
    Node* node = &compiled.root_;
    for (size_t i = 0; !node->KeepsWhole(numbers[i]); ++i) {
      if (i + 1 < numbers.size()) {
        node = node->Part(numbers[i]);
        continue;
      }
      if (numbers[i] < kLowFields) {
        node->low_fields |= uint64_t{1} << numbers[i];
      } else {
        node->high_fields.push_back(numbers[i]);
      }
      break;
    }
  }
  return compiled;
}

void FieldMask::Apply(std::string_view flow, std::string* out) const {
  if (keeps_all_) {
    out->append(flow);
  } else {
    ApplyNode(root_, flow, out);
  }
}

void FieldMask::ApplyNode(const Node& node, std::string_view message, std::string* out) {
  std::array<std::string_view, kMaxParts> parts;
  for (WireCursor cursor(message); cursor.Next();) {
    if (node.KeepsWhole(cursor.field())) {
      out->append(cursor.whole());
      continue;
    }
    for (size_t i = 0; i < node.parts.size(); ++i) {
      if (node.part_fields[i] == cursor.field()) parts[i] = cursor.bytes();
    }
  }
  for (size_t i = 0; i < node.parts.size(); ++i) {
    const size_t start = out->size();
    ApplyNode(node.parts[i], parts[i], out);
    std::string head;  // short enough to need no heap
    AppendBytesHead(node.part_fields[i], out->size() - start, &head);
    out->insert(start, head);
  }
}

}  // namespace alidade
