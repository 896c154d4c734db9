// SPDX-License-Identifier: Apache-2.0
#include "parser/l7/url.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "parser/l7/redaction.h"

namespace alidade {
namespace {

// The parts of a URL that escape different characters.
enum class Part : uint8_t { kPath, kUser, kHost, kFragment };

bool IsUnreserved(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ||
         c == '~';
}

bool IsOneOf(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// Whether `c` stands for itself when a text is escaped for `part`.
bool IsPlain(char c, Part part) {
  if (IsUnreserved(c)) return true;
  switch (part) {
    case Part::kPath:
      return IsOneOf(c, "$&+,/:;=@");
    case Part::kUser:
      return IsOneOf(c, "$&+,;=");
    case Part::kHost:
      return IsOneOf(c, "!$&'()*+,;=:[]<>\"");
    case Part::kFragment:
      return IsOneOf(c, "$&+,/:;=?@!()*");
  }
  return false;
}

std::string Escaped(std::string_view text, Part part) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsPlain(c, part)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<uint8_t>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 0xf]);
  }
  return out;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> Unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  return out;
}

// Whether a text that was escaped by somebody else may stay as it is.
bool IsValidEscaping(std::string_view text, Part part) {
  for (const char c : text) {
    if (IsOneOf(c, "!$&'()*+,;=:@[]%")) continue;
    if (!IsPlain(c, part)) return false;
  }
  return true;
}

// A path or fragment keeps its own escaping where that is valid.
std::optional<std::string> Normal(std::string_view text, Part part) {
  const std::optional<std::string> plain = Unescaped(text);
  if (!plain) return std::nullopt;
  return IsValidEscaping(text, part) ? std::string(text) : Escaped(*plain, part);
}

// Cuts the scheme off the front of `rest`. nullopt: it starts with a colon.
std::optional<std::string> TakeScheme(std::string_view* rest) {
  for (size_t i = 0; i < rest->size(); ++i) {
    const char c = (*rest)[i];
    if (absl::ascii_isalpha(static_cast<unsigned char>(c))) continue;
    const bool is_inner = absl::ascii_isdigit(static_cast<unsigned char>(c)) || IsOneOf(c, "+-.");
    if (is_inner && i > 0) continue;
    if (c != ':') return "";
    if (i == 0) return std::nullopt;
    std::string scheme(rest->substr(0, i));
    absl::AsciiStrToLower(&scheme);
    rest->remove_prefix(i + 1);
    return scheme;
  }
  return "";
}

std::optional<std::string> UserInfo(std::string_view text, bool hide_password) {
  for (const char c : text) {
    if (!IsUnreserved(c) && !IsOneOf(c, ":!$&'()*+,;=%@")) return std::nullopt;
  }
  const size_t colon = text.find(':');
  const std::optional<std::string> user = Unescaped(text.substr(0, colon));
  if (!user) return std::nullopt;
  std::string out = Escaped(*user, Part::kUser);
  if (colon == std::string_view::npos) return out;
  const std::optional<std::string> password = Unescaped(text.substr(colon + 1));
  if (!password) return std::nullopt;
  out.push_back(':');
  out.append(hide_password ? std::string(kRedacted) : Escaped(*password, Part::kUser));
  return out;
}

bool IsValidPort(std::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

std::optional<std::string> Host(std::string_view text) {
  const size_t bracket = text.rfind(']');
  const bool is_ipv6 = !text.empty() && text.front() == '[';
  if (is_ipv6 && bracket == std::string_view::npos) return std::nullopt;
  std::string_view behind = is_ipv6 ? text.substr(bracket + 1) : text;
  const size_t colon = behind.rfind(':');
  if (is_ipv6 && !behind.empty() && behind.front() != ':') return std::nullopt;
  if (colon != std::string_view::npos && !IsValidPort(behind.substr(colon + 1))) {
    return std::nullopt;
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != '%' && !IsPlain(c, Part::kHost)) return std::nullopt;
  }
  const std::optional<std::string> plain = Unescaped(text);
  if (!plain) return std::nullopt;
  return Escaped(*plain, Part::kHost);
}

// `//user:password@host:port`.
std::optional<std::string> Authority(std::string_view text, bool hide_password) {
  std::string out = "//";
  const size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const std::optional<std::string> user = UserInfo(text.substr(0, at), hide_password);
    if (!user) return std::nullopt;
    out.append(*user).push_back('@');
    text.remove_prefix(at + 1);
  }
  const std::optional<std::string> host = Host(text);
  if (!host) return std::nullopt;
  return out + *host;
}

bool HasControl(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return true;
  }
  return false;
}

// What stands between scheme and query.
std::optional<std::string> Hierarchy(std::string_view rest, const std::string& scheme,
                                     bool hide_password) {
  if (!rest.starts_with('/')) {
    if (!scheme.empty()) return std::string(rest);  // opaque
    if (rest.substr(0, rest.find('/')).find(':') != std::string_view::npos) return std::nullopt;
  }
  std::string out;
  if (rest.starts_with("//") && (!scheme.empty() || !rest.starts_with("///"))) {
    const size_t end = std::min(rest.find('/', 2), rest.size());
    const std::optional<std::string> authority = Authority(rest.substr(2, end - 2), hide_password);
    if (!authority) return std::nullopt;
    rest.remove_prefix(end);
    const bool says_nothing = *authority == "//" && rest.empty();
    if (!says_nothing) out = *authority;
  }
  const std::optional<std::string> path = Normal(rest, Part::kPath);
  if (!path) return std::nullopt;
  return out + (rest == "*" ? "*" : *path);
}

}  // namespace

std::string RedactedUrl(std::string_view url, bool hide_password, bool hide_query) {
  const size_t hash = url.find('#');
  const std::string_view fragment =
      hash == std::string_view::npos ? std::string_view() : url.substr(hash + 1);
  std::string_view rest = url.substr(0, hash);
  if (HasControl(rest)) return "";

  const std::optional<std::string> scheme = TakeScheme(&rest);
  if (!scheme) return "";
  const size_t mark = rest.find('?');
  const bool has_query = mark != std::string_view::npos;
  const std::string_view query = has_query ? rest.substr(mark + 1) : std::string_view();
  const std::optional<std::string> hierarchy =
      Hierarchy(rest.substr(0, mark), *scheme, hide_password);
  const std::optional<std::string> shown_fragment = Normal(fragment, Part::kFragment);
  if (!hierarchy || !shown_fragment) return "";

  std::string out = scheme->empty() ? "" : *scheme + ":";
  out.append(*hierarchy);
  // An empty query keeps its question mark, which tells nothing.
  if (has_query && (!hide_query || query.empty())) out.append("?");
  if (hide_query) return out;
  out.append(query);
  if (!fragment.empty()) out.append("#").append(*shown_fragment);
  return out;
}

}  // namespace alidade
