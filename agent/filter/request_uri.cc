// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/request_uri.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace alidade {
namespace {

bool IsAlpha(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

bool Has(std::string_view set, char c) { return set.find(c) != std::string_view::npos; }

std::optional<unsigned> HexDigit(char c) {
  if (IsDigit(c)) return static_cast<unsigned>(c - '0');
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a') + 10;
  return std::nullopt;
}

// The byte that the three characters at `at` stand for, if they are an escape.
std::optional<unsigned> EscapedByte(std::string_view text, size_t at) {
  if (at + 2 >= text.size()) return std::nullopt;
  const std::optional<unsigned> high = HexDigit(text[at + 1]);
  const std::optional<unsigned> low = HexDigit(text[at + 2]);
  if (!high || !low) return std::nullopt;
  return (*high << 4) | *low;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const std::optional<unsigned> byte = EscapedByte(text, i);
    if (!byte) return std::nullopt;
    decoded.push_back(static_cast<char>(*byte));
    i += 2;
  }
  return decoded;
}

struct SchemeSplit {
  std::string_view scheme;  // empty: none
  std::string_view rest;
};

// nullopt when a colon comes first.
std::optional<SchemeSplit> SplitScheme(std::string_view url) {
  for (size_t i = 0; i < url.size(); ++i) {
    const char c = url[i];
    if (IsAlpha(c)) continue;
    if (c == ':') {
      if (i == 0) return std::nullopt;
      return SchemeSplit{url.substr(0, i), url.substr(i + 1)};
    }
    if (i == 0 || !(IsDigit(c) || Has("+-.", c))) break;
  }
  return SchemeSplit{{}, url};
}

bool IsUserInfo(std::string_view text) {
  const bool allowed = std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlpha(c) || IsDigit(c) || Has("-._:~!$&'()*+,;=%@", c);
  });
  return allowed && Unescape(text).has_value();
}

bool IsPort(std::string_view text) {
  return text.empty() ||
         (text.front() == ':' && std::all_of(text.begin() + 1, text.end(), IsDigit));
}

// In a host only bytes above ASCII may be escaped, and the percent sign of a zone.
bool IsHostName(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      const std::optional<unsigned> byte = EscapedByte(text, i);
      if (!byte || (*byte < 0x80 && *byte != '%')) return false;
      i += 2;
    } else if (static_cast<unsigned char>(c) < 0x80 && !IsAlpha(c) && !IsDigit(c) &&
               !Has("-_.~!$&'()*+,;=:[]<>\"", c)) {
      return false;
    }
  }
  return true;
}

bool IsHost(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t close = text.rfind(']');
    return close != std::string_view::npos && IsPort(text.substr(close + 1)) &&
           IsHostName(text.substr(0, close + 1));
  }
  const size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && !IsPort(text.substr(colon))) return false;
  return IsHostName(text);
}

bool IsAuthority(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos) return IsHost(text);
  return IsHost(text.substr(at + 1)) && IsUserInfo(text.substr(0, at));
}

}  // namespace

std::optional<std::string> RequestPath(std::string_view url) {
  const bool has_control = std::any_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (url.empty() || has_control) return std::nullopt;
  if (url == "*") return std::string(url);
  const std::optional<SchemeSplit> split = SplitScheme(url);
  if (!split) return std::nullopt;
  std::string_view path = split->rest.substr(0, split->rest.find('?'));
  if (!path.starts_with('/')) {
    // After a scheme something other than a path may stand (`mailto:x`); it has no path then.
    if (split->scheme.empty()) return std::nullopt;
    return std::string();
  }
  if (!split->scheme.empty() && path.starts_with("//")) {
    path.remove_prefix(2);
    const size_t slash = std::min(path.find('/'), path.size());
    if (!IsAuthority(path.substr(0, slash))) return std::nullopt;
    path.remove_prefix(slash);
  }
  return Unescape(path);
}

}  // namespace alidade
