// SPDX-License-Identifier: Apache-2.0
//
// A request's field mask, applied to encoded flows (contract 2.8).
#ifndef ALIDADE_AGENT_OBSERVER_FIELD_MASK_H_
#define ALIDADE_AGENT_OBSERVER_FIELD_MASK_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/field_mask.pb.h"

namespace alidade {

class FieldMask {
 public:
  // Lets every field stand.
  FieldMask() = default;

  // Paths are proto names relative to flow.Flow, separated by dots. No paths: no masking.
  // Errors: UNKNOWN `invalid fieldmask`, for an unknown name, a oneof's name, and a step into
  // something that is not a single message.
  static absl::StatusOr<FieldMask> Compile(const google::protobuf::FieldMask& mask);

  bool keeps_all() const { return root_.children.empty(); }

  // Appends what the mask leaves of the encoded flow. As clients know it from Hubble, a message on
  // the way to a path is there even when the flow does not have it.
  void Apply(std::string_view flow, std::string* out) const;

 private:
  // A message on the way to a path; a field without children of its own is kept whole.
  struct Node {
    std::map<uint32_t, Node> children;  // by field number
  };
  static void ApplyNode(const Node& node, std::string_view message, std::string* out);

  Node root_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_FIELD_MASK_H_
