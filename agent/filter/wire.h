// SPDX-License-Identifier: Apache-2.0
//
// Walks serialized protobuf messages field by field without building objects, and writes the few
// fields that are put around stored bytes. What is no well-formed field ends the walk.
// Source: the protobuf encoding specification.
#ifndef ALIDADE_AGENT_FILTER_WIRE_H_
#define ALIDADE_AGENT_FILTER_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace alidade {

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// A cursor over the fields of one message. Views point into the message.
class WireCursor {
 public:
  explicit WireCursor(std::string_view message) : rest_(message) {}

  // Steps to the next field; false at the end and before anything that is no field.
  bool Next();

  uint32_t field() const { return field_; }
  WireType type() const { return type_; }
  uint64_t number() const { return number_; }        // kVarint
  std::string_view bytes() const { return bytes_; }  // kBytes
  std::string_view whole() const { return whole_; }  // tag and value as they stand

 private:
  bool TakeVarint(uint64_t* value) {
    // Nearly all tags and sizes of a flow take one byte.
    if (!rest_.empty() && static_cast<uint8_t>(rest_.front()) < 0x80) {
      *value = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      return true;
    }
    return TakeLongVarint(value);
  }
  bool TakeLongVarint(uint64_t* value);
  bool Skip(size_t bytes);

  std::string_view rest_;
  std::string_view whole_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t field_ = 0;
  WireType type_ = WireType::kVarint;
};

// The last occurrence of a length-delimited field, as parsers take it; nullopt when absent.
std::optional<std::string_view> FindBytes(std::string_view message, uint32_t field);
// The last occurrence of a varint field; 0 when absent, as proto3 has it.
uint64_t FindNumber(std::string_view message, uint32_t field);

// Whether `matches` says yes to one of the occurrences of a repeated length-delimited field.
template <typename Fn>
bool AnyBytes(std::string_view message, uint32_t field, Fn matches) {
  for (WireCursor cursor(message); cursor.Next();) {
    if (cursor.field() == field && cursor.type() == WireType::kBytes && matches(cursor.bytes())) {
      return true;
    }
  }
  return false;
}

void AppendVarint(uint64_t value, std::string* out);
void AppendNumber(uint32_t field, uint64_t value, std::string* out);
void AppendBytes(uint32_t field, std::string_view value, std::string* out);
// Tag and size of a length-delimited field whose `size` bytes the caller writes.
void AppendBytesHead(uint32_t field, size_t size, std::string* out);

}  // namespace alidade

#endif  // ALIDADE_AGENT_FILTER_WIRE_H_
