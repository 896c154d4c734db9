// SPDX-License-Identifier: Apache-2.0
//
// Puts a short text together without a heap.
#ifndef ALIDADE_PARSER_TEXT_BUFFER_H_
#define ALIDADE_PARSER_TEXT_BUFFER_H_

#include <array>
#include <cassert>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace alidade {

// What does not fit is cut off; whoever chooses kSize makes it large enough.
template <size_t kSize>
class TextBuffer {
 public:
  TextBuffer& Put(std::string_view part) {
    assert(part.size() <= text_.size() - size_);
    size_ += part.copy(text_.data() + size_, text_.size() - size_);
    return *this;
  }
  TextBuffer& Decimal(uint32_t number) { return PutNumber(number, 10); }
  TextBuffer& Hex(uint32_t number) { return PutNumber(number, 16); }

  void Clear() { size_ = 0; }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  TextBuffer& PutNumber(uint32_t number, int base) {
    char digits[10];
    const auto result = std::to_chars(digits, digits + sizeof(digits), number, base);
    return Put({digits, static_cast<size_t>(result.ptr - digits)});
  }

  std::array<char, kSize> text_;
  size_t size_ = 0;
};

}  // namespace alidade

#endif  // ALIDADE_PARSER_TEXT_BUFFER_H_
