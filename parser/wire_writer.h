// SPDX-License-Identifier: Apache-2.0
//
// Writes protobuf wire format by hand, forwards, into memory that the caller has made large enough.
//
// Field numbers are template arguments, so that a tag is a constant. Following proto3, a scalar
// with its default value is not written; what has presence (nested messages, members of a oneof)
// has a method that always writes. Fields come out in the order of the calls.
// Source: protobuf.dev/programming-guides/encoding.
#ifndef ALIDADE_PARSER_WIRE_WRITER_H_
#define ALIDADE_PARSER_WIRE_WRITER_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "parser/utf8.h"

namespace alidade {

class WireWriter {
 public:
  explicit WireWriter(char* out) : out_(out) {}

  char* position() const { return out_; }

  // --- scalars, omitted when zero, false or empty ---

  // Also for bool and for enums and int32 that are not negative.
  template <uint32_t kField>
  void Varint(uint64_t value) {
    if (value == 0) return;
    PutTag<kField, kVarint>();
    PutVarint(value);
  }
  // An enum whose number may be negative is sign-extended to 64 bits.
  template <uint32_t kField, typename Enum>
  void EnumValue(Enum value) {
    Varint<kField>(static_cast<uint64_t>(static_cast<int64_t>(value)));
  }
  // `text` is known to be UTF-8.
  template <uint32_t kField>
  void Text(std::string_view text) {
    if (!text.empty()) Present<kField>(text);
  }
  // `text` may be any bytes. What is not UTF-8 becomes question marks: a receiver would reject the
  // whole message.
  template <uint32_t kField>
  void ForeignText(std::string_view text) {
    if (!text.empty()) PresentForeign<kField>(text);
  }

  // --- always written ---

  // `fields` are on the wire already.
  void Fields(std::string_view fields) { PutBytes(fields); }

  template <uint32_t kField>
  void Present(std::string_view bytes) {
    PutTag<kField, kLengthDelimited>();
    PutVarint(bytes.size());
    PutBytes(bytes);
  }
  template <uint32_t kField>
  void PresentForeign(std::string_view text) {
    Present<kField>(text);
    ReplaceInvalidUtf8(out_ - text.size(), text.size());
  }
  template <uint32_t kField>
  void PresentDouble(double value) {
    static_assert(std::endian::native == std::endian::little);
    PutTag<kField, kFixed64>();
    std::memcpy(out_, &value, sizeof(value));
    out_ += sizeof(value);
  }
  // `put` writes less than 128 bytes to the address it is given and returns their number.
  template <uint32_t kField, typename Put>
  void PresentShort(Put put) {
    PutTag<kField, kLengthDelimited>();
    const size_t size = put(out_ + 1);
    *out_ = static_cast<char>(size);
    out_ += size + 1;
  }

  // A nested message is what is written during the life of one of these. The message is there even
  // when it is empty.
  template <uint32_t kField>
  class Message {
   public:
    explicit Message(WireWriter* writer) : writer_(writer) {
      writer_->PutTag<kField, kLengthDelimited>();
      body_ = ++writer_->out_;
    }
    ~Message() { writer_->EndMessage(body_); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

   private:
    WireWriter* writer_;
    char* body_;
  };

 private:
  enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };

  struct Tag {
    std::array<char, 5> bytes{};
    size_t size = 0;
  };

  static constexpr Tag MakeTag(uint32_t field, WireType type) {
    Tag tag;
    uint32_t rest = field << 3 | type;
    for (; rest >= 0x80; rest >>= 7) {
      tag.bytes[tag.size++] = static_cast<char>((rest & 0x7f) | 0x80);
    }
    tag.bytes[tag.size++] = static_cast<char>(rest);
    return tag;
  }

  template <uint32_t kField, WireType kType>
  void PutTag() {
    static constexpr Tag kTag = MakeTag(kField, kType);
    std::memcpy(out_, kTag.bytes.data(), kTag.size);
    out_ += kTag.size;
  }

  void PutVarint(uint64_t value) {
    while (value >= 0x80) {
      *out_++ = static_cast<char>((value & 0x7f) | 0x80);
      value >>= 7;
    }
    *out_++ = static_cast<char>(value);
  }

  void PutBytes(std::string_view bytes) {
    std::memcpy(out_, bytes.data(), bytes.size());
    out_ += bytes.size();
  }

  // One byte was left for the length. A message of 128 bytes or more, which is rare, is moved.
  void EndMessage(char* body) {
    const size_t size = static_cast<size_t>(out_ - body);
    if (size < 0x80) {
      body[-1] = static_cast<char>(size);
      return;
    }
    const size_t extra = (static_cast<size_t>(std::bit_width(size)) + 6) / 7 - 1;
    std::memmove(body + extra, body, size);
    out_ = body - 1;
    PutVarint(size);
    out_ += size;
  }

  char* out_;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_WIRE_WRITER_H_
