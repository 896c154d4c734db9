// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/label_source.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace alidade {
namespace {

// Unicode's white space, as UTF-8.
constexpr std::string_view kSpaces[] = {" ",
                                        "\t",
                                        "\n",
                                        "\v",
                                        "\f",
                                        "\r",
                                        "\xc2\x85",
                                        "\xc2\xa0",
                                        "\xe1\x9a\x80",
                                        "\xe2\x80\x80",
                                        "\xe2\x80\x81",
                                        "\xe2\x80\x82",
                                        "\xe2\x80\x83",
                                        "\xe2\x80\x84",
                                        "\xe2\x80\x85",
                                        "\xe2\x80\x86",
                                        "\xe2\x80\x87",
                                        "\xe2\x80\x88",
                                        "\xe2\x80\x89",
                                        "\xe2\x80\x8a",
                                        "\xe2\x80\xa8",
                                        "\xe2\x80\xa9",
                                        "\xe2\x80\xaf",
                                        "\xe2\x81\x9f",
                                        "\xe3\x80\x80"};

// Bytes of the space at the front of `text`; 0: there is none.
size_t SpaceAt(std::string_view text) {
  const auto* const found =
      std::find_if(std::begin(kSpaces), std::end(kSpaces),
                   [text](std::string_view space) { return text.starts_with(space); });
  return found == std::end(kSpaces) ? 0 : found->size();
}

// Takes `size` bytes off the front of `text`.
std::string_view TakeFront(size_t size, std::string_view* text) {
  const std::string_view front = text->substr(0, size);
  text->remove_prefix(front.size());
  return front;
}

// Blanks and negations.
size_t SizeBeforeKey(std::string_view text) {
  size_t size = 0;
  while (size < text.size()) {
    const size_t step = text[size] == '!' ? 1 : SpaceAt(text.substr(size));
    if (step == 0) break;
    size += step;
  }
  return size;
}

size_t SizeOfKey(std::string_view text) {
  size_t size = 0;
  while (size < text.size() && std::string_view("=!,").find(text[size]) == std::string_view::npos &&
         SpaceAt(text.substr(size)) == 0) {
    ++size;
  }
  return size;
}

// Up to the comma behind the condition, that included; one between parentheses is part of it.
size_t SizeOfCondition(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] == ',' && depth == 0) return i + 1;
  }
  return text.size();
}

}  // namespace

std::string SpellLabelSources(std::string_view selector) {
  std::string spelt;
  while (!selector.empty()) {
    spelt.append(TakeFront(SizeBeforeKey(selector), &selector));
    const std::string_view key = TakeFront(SizeOfKey(selector), &selector);
    const size_t colon = key.find(':');
    if (colon == std::string_view::npos) {
      spelt.append("any.").append(key);
    } else {
      spelt.append(key.substr(0, colon)).append(".").append(key.substr(colon + 1));
    }
    spelt.append(TakeFront(SizeOfCondition(selector), &selector));
  }
  return spelt;
}

}  // namespace alidade
