// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/wrappers.pb.h>

#include "flow/flow.pb.h"
#include "parser/debug_message.h"
#include "parser/debug_record.h"
#include "parser/wire_writer.h"

namespace alidade {
namespace {

using flow::DebugEvent;

// A wrapper is there also when its value is zero.
template <uint32_t kField>
void EncodeNumber(uint32_t value, WireWriter* out) {
  WireWriter::Message<kField> message(out);
  out->Varint<google::protobuf::UInt32Value::kValueFieldNumber>(value);
}

// An endpoint that nobody knows is its number alone.
void EncodeSource(const DebugRecord& record, WireWriter* out) {
  if (record.endpoint_id == 0) return;
  if (record.endpoint != nullptr) {
    out->Present<DebugEvent::kSourceFieldNumber>(record.endpoint->wire);
    return;
  }
  WireWriter::Message<DebugEvent::kSourceFieldNumber> source(out);
  out->Varint<flow::Endpoint::kIDFieldNumber>(record.endpoint_id);
}

}  // namespace

size_t MaxEncodedDebugBytes(const DebugRecord& record) {
  constexpr size_t kMaxBoundedBytes = 512;
  return kMaxBoundedBytes + (record.endpoint != nullptr ? record.endpoint->wire.size() : 0);
}

size_t EncodeDebugEvent(const DebugRecord& record, char* out) {
  WireWriter writer(out);
  writer.Varint<DebugEvent::kTypeFieldNumber>(record.type);
  EncodeSource(record, &writer);
  EncodeNumber<DebugEvent::kHashFieldNumber>(record.hash, &writer);
  EncodeNumber<DebugEvent::kArg1FieldNumber>(record.arg1, &writer);
  EncodeNumber<DebugEvent::kArg2FieldNumber>(record.arg2, &writer);
  EncodeNumber<DebugEvent::kArg3FieldNumber>(record.arg3, &writer);
  DebugMessageBuffer buffer;
  writer.ForeignText<DebugEvent::kMessageFieldNumber>(DebugMessage(record, &buffer));
  EncodeNumber<DebugEvent::kCpuFieldNumber>(record.cpu, &writer);
  return static_cast<size_t>(writer.position() - out);
}

}  // namespace alidade
