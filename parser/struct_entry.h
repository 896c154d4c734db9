// SPDX-License-Identifier: Apache-2.0
//
// Entries of a google.protobuf.Struct: a key with a number, a text or a truth. What is zero, empty
// or false is not written. Keys are in order as protobuf writes maps when asked to be
// deterministic; that order is the caller's.
#ifndef ALIDADE_PARSER_STRUCT_ENTRY_H_
#define ALIDADE_PARSER_STRUCT_ENTRY_H_

#include <google/protobuf/struct.pb.h>

#include <cstdint>
#include <string_view>

#include "parser/wire_writer.h"

namespace alidade {

// A map is a repeated message of key and value.
inline constexpr uint32_t kMapKey = 1;
inline constexpr uint32_t kMapValue = 2;

// Inlined, so that the key's length is known where the key is a literal.
[[gnu::always_inline]] inline void EncodeNumber(std::string_view key, uint64_t number,
                                                WireWriter* out) {
  using google::protobuf::Struct;
  using google::protobuf::Value;
  if (number == 0) return;
  WireWriter::Message<Struct::kFieldsFieldNumber> entry(out);
  out->Text<kMapKey>(key);
  WireWriter::Message<kMapValue> value(out);
  out->PresentDouble<Value::kNumberValueFieldNumber>(static_cast<double>(number));
}

inline void EncodeTrue(std::string_view key, bool is_true, WireWriter* out) {
  using google::protobuf::Struct;
  using google::protobuf::Value;
  if (!is_true) return;
  WireWriter::Message<Struct::kFieldsFieldNumber> entry(out);
  out->Text<kMapKey>(key);
  WireWriter::Message<kMapValue> value(out);
  out->Varint<Value::kBoolValueFieldNumber>(1);
}

// `text` may be any bytes.
inline void EncodeText(std::string_view key, std::string_view text, WireWriter* out) {
  using google::protobuf::Struct;
  using google::protobuf::Value;
  if (text.empty()) return;
  WireWriter::Message<Struct::kFieldsFieldNumber> entry(out);
  out->Text<kMapKey>(key);
  WireWriter::Message<kMapValue> value(out);
  out->PresentForeign<Value::kStringValueFieldNumber>(text);
}

}  // namespace alidade

#endif  // ALIDADE_PARSER_STRUCT_ENTRY_H_
