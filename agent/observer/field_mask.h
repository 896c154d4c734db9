// SPDX-License-Identifier: Apache-2.0
//
// A request's field mask, applied to encoded flows (contract 2.8).
#ifndef ALIDADE_AGENT_OBSERVER_FIELD_MASK_H_
#define ALIDADE_AGENT_OBSERVER_FIELD_MASK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

  bool keeps_all() const { return keeps_all_; }

  // Appends what the mask leaves of the encoded flow. As clients know it from Hubble, a message on
  // the way to a path is there even when the flow does not have it.
  void Apply(std::string_view flow, std::string* out) const;

 private:
  // What is kept of one message: some fields whole, of others a part.
  struct Node {
    bool KeepsWhole(uint32_t field) const;
    Node* Part(uint32_t field);

    uint64_t low_fields = 0;            // the whole fields below 64, one bit each
    std::vector<uint32_t> high_fields;  // the others
    std::vector<uint32_t> part_fields;
    std::vector<Node> parts;  // of the fields in part_fields
  };
  static void ApplyNode(const Node& node, std::string_view message, std::string* out);

  bool keeps_all_ = true;
  Node root_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_FIELD_MASK_H_
