// SPDX-License-Identifier: Apache-2.0
//
// A view of bytes that is consumed from the front, with reads in network order.
#ifndef ALIDADE_PARSER_CURSOR_H_
#define ALIDADE_PARSER_CURSOR_H_

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace alidade {

// The bytes that are left. Reads take an offset from the front; the caller has checked size().
class Cursor {
 public:
  Cursor() = default;
  explicit Cursor(std::span<const std::byte> bytes)
      : bytes_(bytes), end_(bytes.data() + bytes.size()) {}

  size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  // The bytes up to the end of the capture, also those that were truncated.
  size_t captured() const { return static_cast<size_t>(end_ - bytes_.data()); }

  const std::byte* At(size_t offset) const {
    assert(offset <= bytes_.size());
    return bytes_.data() + offset;
  }
  uint8_t U8(size_t offset) const {
    assert(offset < bytes_.size());
    return static_cast<uint8_t>(bytes_[offset]);
  }
  uint16_t U16(size_t offset) const {
    return static_cast<uint16_t>(U8(offset) << 8 | U8(offset + 1));
  }
  uint32_t U32(size_t offset) const {
    return static_cast<uint32_t>(U16(offset)) << 16 | U16(offset + 2);
  }

  // Both stop at the end of what is there.
  void Skip(size_t count) { bytes_ = bytes_.subspan(std::min(count, bytes_.size())); }
  void Truncate(size_t count) { bytes_ = bytes_.first(std::min(count, bytes_.size())); }

 private:
  std::span<const std::byte> bytes_;
  const std::byte* end_ = nullptr;  // of the capture
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_CURSOR_H_
