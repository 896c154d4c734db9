// SPDX-License-Identifier: Apache-2.0
#include "agent/recording/proto_json.h"

#include <memory>

#include "absl/strings/match.h"
#include "agent/recording/go_json.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"

namespace alidade {
namespace {

using Json = nlohmann::ordered_json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

bool Write(const Message& message, std::string* json) {
  // Flow.extensions can hold a Struct: naming the type links it, so that it can be written.
  google::protobuf::Struct::descriptor();
  // A message that cannot be written is told by the result, not on stderr.
  google::protobuf::LogSilencer silencer;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  json->clear();
  return google::protobuf::util::MessageToJsonString(message, json, options).ok();
}

// Clears every field of type Any in `message` and below.
void ClearAny(Message* message) {
  const Reflection* reflection = message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->message_type() == google::protobuf::Any::descriptor()) {
      reflection->ClearField(message, field);
    } else if (!field->is_repeated()) {
      ClearAny(reflection->MutableMessage(message, field));
    }
  }
}

// protobuf writes fields by number; Hubble's clients write them as the .proto file declares them.
// Messages of google.protobuf have a JSON of their own and stay as they are.
Json InDeclarationOrder(const Json& json, const Descriptor& type) {
  if (json.is_array()) {
    Json array = Json::array();
    for (const Json& element : json) array.push_back(InDeclarationOrder(element, type));
    return array;
  }
  if (!json.is_object() || absl::StartsWith(type.full_name(), "google.protobuf.")) return json;
  Json object = Json::object();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    auto found = json.find(field.name());
    if (found == json.end()) continue;
    const Descriptor* below = field.message_type();
    object[field.name()] = below == nullptr ? *found : InDeclarationOrder(*found, *below);
  }
  return object;
}

absl::Status Read(const std::string& json, bool ignore_unknown, Message* message) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = ignore_unknown;
  auto status = google::protobuf::util::JsonStringToMessage(json, message, options);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(status.ToString());
}

}  // namespace

std::string ToJson(const Message& message) {
  std::string json;
  if (!Write(message, &json)) {
    std::unique_ptr<Message> copy(message.New());
    copy->CopyFrom(message);
    ClearAny(copy.get());
    Write(*copy, &json);
  }
  Json ordered = InDeclarationOrder(Json::parse(json), *message.GetDescriptor());
  return GoJson(ordered);
}

absl::Status FromJson(const std::string& json, Message* message) {
  return Read(json, /*ignore_unknown=*/true, message);
}

absl::Status FromStrictJson(const std::string& json, Message* message) {
  return Read(json, /*ignore_unknown=*/false, message);
}

}  // namespace alidade
