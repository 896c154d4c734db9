// SPDX-License-Identifier: Apache-2.0
#include "parser/encode_extension.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/struct.pb.h>

namespace alidade {
namespace {

using google::protobuf::Any;
using google::protobuf::Struct;
using google::protobuf::Value;

// A map is a repeated message of key and value.
constexpr uint32_t kMapKey = 1;
constexpr uint32_t kMapValue = 2;

void EncodeNumber(std::string_view key, uint64_t number, WireWriter* out) {
  if (number == 0) return;
  WireWriter::Message<Struct::kFieldsFieldNumber> entry(out);
  out->Text<kMapKey>(key);
  WireWriter::Message<kMapValue> value(out);
  out->PresentDouble<Value::kNumberValueFieldNumber>(static_cast<double>(number));
}

void EncodeText(std::string_view key, std::string_view text, WireWriter* out) {
  if (text.empty()) return;
  WireWriter::Message<Struct::kFieldsFieldNumber> entry(out);
  out->Text<kMapKey>(key);
  WireWriter::Message<kMapValue> value(out);
  out->PresentForeign<Value::kStringValueFieldNumber>(text);
}

}  // namespace

bool HasExtension(const FlowExtension& extension) {
  return extension.packets != 0 || extension.bytes != 0 || extension.pid != 0 ||
         !extension.comm.empty() || !extension.executable.empty() || !extension.cgroup.empty() ||
         !extension.container_id.empty() || !extension.kernel_reason_name.empty() ||
         !extension.function.empty() || !extension.netfilter_hook.empty() || extension.vlan != 0 ||
         !extension.tunnel_protocol.empty();
}

void EncodeExtension(const FlowExtension& extension, WireWriter* out) {
  out->Text<Any::kTypeUrlFieldNumber>("type.googleapis.com/google.protobuf.Struct");
  WireWriter::Message<Any::kValueFieldNumber> fields(out);
  // In the order of their keys, as protobuf writes maps when asked to be deterministic.
  EncodeNumber("bytes", extension.bytes, out);
  EncodeText("cgroup", extension.cgroup, out);
  EncodeText("command", extension.comm, out);
  EncodeText("container_id", extension.container_id, out);
  EncodeText("drop_function", extension.function, out);
  EncodeText("drop_reason", extension.kernel_reason_name, out);
  EncodeText("executable", extension.executable, out);
  EncodeText("netfilter_hook", extension.netfilter_hook, out);
  EncodeNumber("packets", extension.packets, out);
  EncodeNumber("pid", extension.pid, out);
  EncodeText("tunnel_protocol", extension.tunnel_protocol, out);
  EncodeNumber("vlan", extension.vlan, out);
}

}  // namespace alidade
