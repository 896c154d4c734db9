// SPDX-License-Identifier: Apache-2.0
#include "parser/encode_extension.h"

#include <google/protobuf/any.pb.h>

#include <charconv>

#include "parser/struct_entry.h"

namespace alidade {
namespace {

using google::protobuf::Any;

// "192.0.2.1:80", "[2001:db8::1]:80"; without a port the address alone.
void EncodeEnd(std::string_view key, const IpAddress& address, uint16_t port, WireWriter* out) {
  if (!address.valid()) return;
  char text[IpAddress::kMaxText + sizeof("[]:65535")];
  char* end = text;
  const bool bracketed = port != 0 && address.version == IpVersion::kV6;
  if (bracketed) *end++ = '[';
  end += address.Format(end);
  if (bracketed) *end++ = ']';
  if (port != 0) {
    *end++ = ':';
    end = std::to_chars(end, text + sizeof(text), port).ptr;
  }
  EncodeText(key, {text, static_cast<size_t>(end - text)}, out);
}

// The entries `cgroup`, `command` and `container_id`.
void EncodeOwner(const FlowExtension& extension, WireWriter* out) {
  const EncodedProcess* process = extension.process;
  if (process == nullptr) return EncodeText("command", extension.comm, out);
  if (extension.comm.empty()) return out->Fields(process->Entries(0, process->executable));
  out->Fields(process->Entries(0, process->command));
  EncodeText("command", extension.comm, out);
  out->Fields(process->Entries(process->container_id, process->executable));
}

void EncodeExecutable(const EncodedProcess* process, WireWriter* out) {
  if (process != nullptr) out->Fields(process->Entries(process->executable, process->wire.size()));
}

}  // namespace

bool HasExtension(const FlowExtension& extension) {
  return extension.packets != 0 || extension.counts_only || extension.nat_source.valid() ||
         extension.nat_destination.valid() || extension.bytes != 0 || extension.pid != 0 ||
         !extension.comm.empty() ||
         (extension.process != nullptr && !extension.process->wire.empty()) ||
         !extension.kernel_reason_name.empty() || !extension.function.empty() ||
         !extension.netfilter_hook.empty() || extension.vlan != 0 ||
         !extension.tunnel_protocol.empty();
}

void EncodeExtension(const FlowExtension& extension, WireWriter* out) {
  out->Text<Any::kTypeUrlFieldNumber>("type.googleapis.com/google.protobuf.Struct");
  WireWriter::Message<Any::kValueFieldNumber> fields(out);
  // In the order of their keys, as protobuf writes maps when asked to be deterministic.
  EncodeNumber("bytes", extension.bytes, out);
  EncodeOwner(extension, out);
  EncodeTrue("counts_only", extension.counts_only, out);
  EncodeText("drop_function", extension.function, out);
  EncodeText("drop_reason", extension.kernel_reason_name, out);
  EncodeExecutable(extension.process, out);
  EncodeText("netfilter_hook", extension.netfilter_hook, out);
  if (!extension.nat_is_ahead) {
    EncodeEnd("original_destination", extension.nat_destination, extension.nat_destination_port,
              out);
    EncodeEnd("original_source", extension.nat_source, extension.nat_source_port, out);
  }
  EncodeNumber("packets", extension.packets, out);
  EncodeNumber("pid", extension.pid, out);
  EncodeNumber("reverse_bytes", extension.reverse_bytes, out);
  EncodeNumber("reverse_packets", extension.reverse_packets, out);
  if (extension.nat_is_ahead) {
    EncodeEnd("translated_destination", extension.nat_destination, extension.nat_destination_port,
              out);
    EncodeEnd("translated_source", extension.nat_source, extension.nat_source_port, out);
  }
  EncodeText("tunnel_protocol", extension.tunnel_protocol, out);
  EncodeNumber("vlan", extension.vlan, out);
}

}  // namespace alidade
