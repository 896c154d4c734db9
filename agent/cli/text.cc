// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/text.h"

#include <algorithm>

#include "absl/strings/str_replace.h"

namespace alidade {
namespace {

// Characters of UTF-8 text, as far as a column is wide.
size_t Width(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

std::string GroupDigits(uint64_t n) {
  std::string text = std::to_string(n);
  for (size_t end = text.size(); end > 3; end -= 3) text.insert(end - 3, 1, ',');
  return text;
}

std::string EscapeForTerminal(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\x1b", "^["}, {"\r", "\\r"}});
}

std::string AlignColumns(const std::vector<std::vector<std::string>>& rows) {
  constexpr size_t kGap = 2;
  std::vector<size_t> widths;
  for (const std::vector<std::string>& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text.append(row[i]).append(widths[i] + kGap - row[i].size(), ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text.push_back('\n');
  }
  return text;
}

std::string AlignTable(std::vector<std::vector<std::string>> rows) {
  constexpr char kGap[] = "   ";
  if (rows.empty()) return "";
  std::vector<size_t> widths(rows.front().size());
  for (std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = absl::StrReplaceAll(row[i], {{"\t", kGap}});
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  std::string text;
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i + 1 < row.size(); ++i) {
      text.append(row[i]).append(widths[i] - Width(row[i]), ' ').append(kGap);
    }
    text.append(row.back()).push_back('\n');
  }
  return text;
}

}  // namespace alidade
