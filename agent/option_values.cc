// SPDX-License-Identifier: Apache-2.0
#include "agent/option_values.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace alidade {
namespace {

constexpr uint64_t kMostRingCapacity = 65535;
constexpr size_t kMostClusterName = 32;
constexpr size_t kMostNodeName = 253;  // of a Kubernetes object, RFC 1123

// absl::SimpleAtoi also takes signs and white space.
bool ReadDigits(absl::string_view text, uint64_t* value) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, value);
}

bool IsIpv4(const std::string& host) {
  in_addr unused;
  return inet_pton(AF_INET, host.c_str(), &unused) == 1;
}

bool IsIpv6(const std::string& host) {
  in6_addr unused;
  return inet_pton(AF_INET6, host.c_str(), &unused) == 1;
}

bool IsHostName(const std::string& host) {
  bool digits_only = std::all_of(
      host.begin(), host.end(), [](unsigned char c) { return absl::ascii_isdigit(c) || c == '.'; });
  return !digits_only && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
  });
}

bool HasSpaceOrSlash(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return !absl::ascii_isgraph(c) || c == '/'; });
}

// By their bits, lowest first.
constexpr const char* kTcpFlags[] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

}  // namespace

absl::StatusOr<bool> ParseSwitch(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return absl::InvalidArgumentError("must be true or false");
}

absl::StatusOr<uint64_t> ParseNumber(const std::string& text, uint64_t least, uint64_t most) {
  uint64_t value = 0;
  if (ReadDigits(text, &value) && value >= least && value <= most) return value;
  return absl::InvalidArgumentError(absl::StrCat("must be a number from ", least, " to ", most));
}

absl::StatusOr<uint64_t> ParseNumberOrZero(const std::string& text, uint64_t least, uint64_t most) {
  if (text == "0") return uint64_t{0};
  absl::StatusOr<uint64_t> value = ParseNumber(text, least, most);
  if (value.ok()) return value;
  return absl::InvalidArgumentError(absl::StrCat(value.status().message(), ", or 0"));
}

absl::StatusOr<uint32_t> ParsePowerOfTwo(const std::string& text, uint32_t most) {
  uint64_t value = 0;
  if (ReadDigits(text, &value) && value >= 1 && value <= most && (value & (value - 1)) == 0) {
    return static_cast<uint32_t>(value);
  }
  return absl::InvalidArgumentError(absl::StrCat("must be a power of two from 1 to ", most));
}

absl::StatusOr<uint8_t> ParseTcpFlag(const std::string& text) {
  for (size_t bit = 0; bit < std::size(kTcpFlags); ++bit) {
    if (text == kTcpFlags[bit]) return static_cast<uint8_t>(1u << bit);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("must be one of ", absl::StrJoin(kTcpFlags, ", ")));
}

std::string TcpFlagsText(uint8_t flags) {
  std::vector<std::string> names;
  for (size_t bit = 0; bit < std::size(kTcpFlags); ++bit) {
    if ((flags >> bit & 1) != 0) names.emplace_back(kTcpFlags[bit]);
  }
  return absl::StrJoin(names, ",");
}

absl::StatusOr<uint32_t> ParseRingCapacity(const std::string& text) {
  constexpr absl::string_view kRight =
      "must be one less than a power of two, 1 to 65535, e.g. 4095";
  uint64_t value = 0;
  if (!ReadDigits(text, &value)) return absl::InvalidArgumentError(kRight);
  if (value > kMostRingCapacity) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid capacity: too large: ", value, "; ", kRight));
  }
  if (value == 0 || (value & (value + 1)) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid capacity: must be one less than an integer power of two: ", value,
                     "; 1 to 65535, e.g. 4095"));
  }
  return static_cast<uint32_t>(value);
}

absl::StatusOr<absl::Duration> ParseNonNegativeDuration(const std::string& text) {
  absl::Duration value;
  if (absl::ParseDuration(text, &value) && value >= absl::ZeroDuration() &&
      value < absl::InfiniteDuration()) {
    return value;
  }
  return absl::InvalidArgumentError("must be a duration such as 1s or 500ms");
}

absl::StatusOr<absl::Duration> ParseDurationBetween(const std::string& text, absl::Duration least,
                                                    absl::Duration most) {
  absl::Duration value;
  if (absl::ParseDuration(text, &value) && value >= least && value <= most) return value;
  return absl::InvalidArgumentError(absl::StrCat(
      "must be a duration from ", absl::FormatDuration(least), " to ", absl::FormatDuration(most)));
}

absl::StatusOr<uint32_t> ParseFileMode(const std::string& text) {
  constexpr size_t kMostDigits = 4;
  const bool octal = !text.empty() && text.size() <= kMostDigits &&
                     text.find_first_not_of("01234567") == std::string::npos;
  const unsigned long mode = octal ? std::stoul(text, nullptr, 8) : 0;
  if (octal && mode <= 0777) return static_cast<uint32_t>(mode);
  return absl::InvalidArgumentError("must be octal permissions such as 0660");
}

absl::StatusOr<Source> ParseSource(const std::string& text) {
  constexpr absl::string_view kReplayPrefix = "replay:";
  if (text == "ebpf") return Source{SourceKind::kEbpf, ""};
  if (text == "cilium") return Source{SourceKind::kCilium, ""};
  if (absl::StartsWith(text, kReplayPrefix) && text.size() > kReplayPrefix.size()) {
    return Source{SourceKind::kReplay, text.substr(kReplayPrefix.size())};
  }
  return absl::InvalidArgumentError("must be one of ebpf, cilium, replay:FILE");
}

std::string SourceText(const Source& source) {
  switch (source.kind) {
    case SourceKind::kEbpf:
      return "ebpf";
    case SourceKind::kCilium:
      return "cilium";
    case SourceKind::kReplay:
      return absl::StrCat("replay:", source.file);
  }
  return "";
}

absl::StatusOr<std::string> ParseAbsolutePath(const std::string& text) {
  if (text.empty() || text.front() == '/') return text;
  return absl::InvalidArgumentError("must be an absolute path");
}

absl::StatusOr<std::string> ParseSocketPath(const std::string& text) {
  constexpr size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  if (text.empty() || (text.front() == '/' && text.size() <= kMost)) return text;
  return absl::InvalidArgumentError(
      absl::StrCat("must be an absolute path of at most ", kMost, " bytes"));
}

absl::StatusOr<std::string> ParseAddress(const std::string& text) {
  size_t colon = text.rfind(':');
  uint64_t port = 0;
  if (colon != std::string::npos && ReadDigits(text.substr(colon + 1), &port) && port <= 65535) {
    std::string host = text.substr(0, colon);
    if (host.empty()) return absl::StrCat("[::]:", port);  // all addresses of both families
    bool bracketed = host.front() == '[' && host.back() == ']';
    if (bracketed ? IsIpv6(host.substr(1, host.size() - 2)) : IsIpv4(host) || IsHostName(host)) {
      return absl::StrCat(host, ":", port);
    }
  }
  return absl::InvalidArgumentError("must be HOST:PORT, e.g. 127.0.0.1:4244 or [::1]:4244");
}

bool IsLoopback(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  return host == "[::1]" || host == "localhost" || (IsIpv4(host) && absl::StartsWith(host, "127."));
}

absl::StatusOr<std::string> ParseInterfacePattern(const std::string& text) {
  if (!HasSpaceOrSlash(text)) return text;
  return absl::InvalidArgumentError("must be a pattern of interface names, e.g. eth*");
}

absl::StatusOr<std::string> ParseNodeName(const std::string& text) {
  if (text.size() <= kMostNodeName && !HasSpaceOrSlash(text)) return text;
  return absl::InvalidArgumentError("must be a name of at most 253 bytes without spaces or /");
}

absl::StatusOr<std::string> ParseClusterName(const std::string& text) {
  auto is_inner = [](unsigned char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  };
  if (!text.empty() && text.size() <= kMostClusterName &&
      std::all_of(text.begin(), text.end(), is_inner) && text.front() != '-' &&
      text.back() != '-') {
    return text;
  }
  return absl::InvalidArgumentError(
      "must be at most 32 lower-case letters, digits and -, not beginning or ending with -");
}

absl::Status WithValue(const std::string& label, const std::string& value,
                       const absl::Status& problem) {
  return absl::Status(problem.code(), absl::StrCat(label, " \"", value, "\": ", problem.message()));
}

}  // namespace alidade
