// SPDX-License-Identifier: Apache-2.0
//
// What a flow says in Flow.extensions.
#ifndef ALIDADE_TESTS_KERNEL_EXTENSION_H_
#define ALIDADE_TESTS_KERNEL_EXTENSION_H_

#include <string>

#include "flow/flow.pb.h"
#include "google/protobuf/struct.pb.h"

namespace alidade::testing {

// Empty when the flow has none.
inline google::protobuf::Struct ExtensionOf(const flow::Flow& flow) {
  google::protobuf::Struct extension;
  if (flow.has_extensions()) flow.extensions().UnpackTo(&extension);
  return extension;
}

inline std::string TextIn(const flow::Flow& flow, const std::string& key) {
  const google::protobuf::Struct extension = ExtensionOf(flow);
  const auto found = extension.fields().find(key);
  return found == extension.fields().end() ? std::string() : found->second.string_value();
}

inline double NumberIn(const flow::Flow& flow, const std::string& key) {
  const google::protobuf::Struct extension = ExtensionOf(flow);
  const auto found = extension.fields().find(key);
  return found == extension.fields().end() ? 0 : found->second.number_value();
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_KERNEL_EXTENSION_H_
