// SPDX-License-Identifier: Apache-2.0
//
// Protobuf messages of vectors: proto JSON with the original field names.
#ifndef ALIDADE_TESTS_VECTORS_VECTOR_PROTO_H_
#define ALIDADE_TESTS_VECTORS_VECTOR_PROTO_H_

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "google/protobuf/util/json_util.h"

namespace alidade::testing {

// Throws std::runtime_error, which fails the vector, when `object` is no such message.
template <typename Message>
Message ReadProto(const nlohmann::json& object) {
  Message message;
  const auto status = google::protobuf::util::JsonStringToMessage(object.dump(), &message);
  if (!status.ok()) throw std::runtime_error(status.ToString());
  return message;
}

}  // namespace alidade::testing

#endif
