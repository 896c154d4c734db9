// SPDX-License-Identifier: Apache-2.0
//
// proto3 JSON as Hubble's clients write and read it: original field names, enum names, 64-bit
// numbers as text, default values left out.
#ifndef ALIDADE_AGENT_RECORDING_PROTO_JSON_H_
#define ALIDADE_AGENT_RECORDING_PROTO_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace alidade {

// `message` on one line, fields in the order of their declaration, `&`, `<` and `>` escaped. Facts
// in google.protobuf.Any of a type that this program does not know cannot be written; they are left
// out then.
std::string ToJson(const google::protobuf::Message& message);

// Reads `json` into `message`. Unknown fields are ignored: a file may come from a newer program.
absl::Status FromJson(const std::string& json, google::protobuf::Message* message);

// The same, but an unknown field is an error: what a user writes is meant.
absl::Status FromStrictJson(const std::string& json, google::protobuf::Message* message);

}  // namespace alidade

#endif  // ALIDADE_AGENT_RECORDING_PROTO_JSON_H_
