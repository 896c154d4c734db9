// SPDX-License-Identifier: Apache-2.0
//
// The kinds of options: how the text of one value is checked, kept in AgentOptions and printed.
#ifndef ALIDADE_AGENT_OPTION_KINDS_H_
#define ALIDADE_AGENT_OPTION_KINDS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "agent/option_values.h"
#include "agent/options.h"
#include "agent/status_macros.h"

namespace alidade {

// What is known of an option beside its name. Made by the functions below.
struct OptionKind {
  bool is_switch = false;  // a flag without a value; elsewhere true or false
  bool is_list = false;
  std::string choices;                                                 // ends the help line
  std::function<absl::Status(const std::string&, AgentOptions*)> set;  // of a list: adds one item
  std::function<void(AgentOptions*)> clear;                            // lists only
  std::function<std::string(const AgentOptions&)> show;
};

// An option of one value. `get` gives the member, `parse` makes its value from text, `show` the
// text from its value.
template <typename Get, typename Parse, typename Show>
OptionKind Scalar(Get get, Parse parse, Show show) {
  OptionKind kind;
  kind.set = [get, parse](const std::string& text, AgentOptions* options) -> absl::Status {
    auto& member = get(*options);
    ASSIGN_OR_RETURN(auto value, parse(text));
    member = static_cast<std::remove_reference_t<decltype(member)>>(std::move(value));
    return absl::OkStatus();
  };
  kind.show = [get, show](AgentOptions options) { return show(get(options)); };
  return kind;
}

template <typename Get, typename Parse>
OptionKind PlainScalar(Get get, Parse parse) {
  return Scalar(get, parse, [](const auto& value) { return absl::StrCat(value); });
}

template <typename Get, typename Parse>
OptionKind TextList(Get get, Parse parse) {
  OptionKind kind;
  kind.is_list = true;
  kind.set = [get, parse](const std::string& text, AgentOptions* options) -> absl::Status {
    ASSIGN_OR_RETURN(std::string item, parse(text));
    get(*options).push_back(std::move(item));
    return absl::OkStatus();
  };
  kind.clear = [get](AgentOptions* options) { get(*options).clear(); };
  kind.show = [get](AgentOptions options) { return absl::StrJoin(get(options), ","); };
  return kind;
}

template <typename Get>
OptionKind Switch(Get get) {
  OptionKind kind = Scalar(get, ParseSwitch, [](bool on) { return on ? "true" : "false"; });
  kind.is_switch = true;
  return kind;
}

template <typename Get>
OptionKind Number(uint64_t least, uint64_t most, Get get) {
  return PlainScalar(get, [=](const std::string& text) { return ParseNumber(text, least, most); });
}

// 0, or a number in the range.
template <typename Get>
OptionKind NumberOrZero(uint64_t least, uint64_t most, Get get) {
  return PlainScalar(get,
                     [=](const std::string& text) { return ParseNumberOrZero(text, least, most); });
}

template <typename Get>
OptionKind PowerOfTwo(uint32_t most, Get get) {
  return PlainScalar(get, [=](const std::string& text) { return ParsePowerOfTwo(text, most); });
}

template <typename Get>
OptionKind RingCapacity(Get get) {
  return PlainScalar(get, ParseRingCapacity);
}

template <typename Get>
OptionKind NonNegativeDuration(Get get) {
  return Scalar(get, ParseNonNegativeDuration, absl::FormatDuration);
}

template <typename Get>
OptionKind DurationBetween(absl::Duration least, absl::Duration most, Get get) {
  return Scalar(
      get, [=](const std::string& text) { return ParseDurationBetween(text, least, most); },
      absl::FormatDuration);
}

// A set of TCP flags in one byte.
template <typename Get>
OptionKind TcpFlags(Get get) {
  OptionKind kind;
  kind.is_list = true;
  kind.set = [get](const std::string& text, AgentOptions* options) -> absl::Status {
    ASSIGN_OR_RETURN(const uint8_t flag, ParseTcpFlag(text));
    uint8_t& flags = get(*options);
    flags = static_cast<uint8_t>(flags | flag);
    return absl::OkStatus();
  };
  kind.clear = [get](AgentOptions* options) { get(*options) = 0; };
  kind.show = [get](AgentOptions options) { return TcpFlagsText(get(options)); };
  return kind;
}

template <typename Get>
OptionKind AbsolutePath(Get get) {
  return PlainScalar(get, ParseAbsolutePath);
}

template <typename Get>
OptionKind AbsolutePathList(Get get) {
  return TextList(get, ParseAbsolutePath);
}

template <typename Get>
OptionKind SourceOption(Get get) {
  return Scalar(get, ParseSource, SourceText);
}

// Any text; of a file, whoever opens it tells what is wrong with it.
template <typename Get>
OptionKind PlainText(Get get) {
  return PlainScalar(get,
                     [](const std::string& text) -> absl::StatusOr<std::string> { return text; });
}

template <typename Get>
OptionKind FileMode(Get get) {
  return Scalar(get, ParseFileMode, [](uint32_t mode) { return absl::StrFormat("0%o", mode); });
}

template <typename Get>
OptionKind SocketPath(Get get) {
  return PlainScalar(get, ParseSocketPath);
}

template <typename Get>
OptionKind NodeName(Get get) {
  return PlainScalar(get, ParseNodeName);
}

template <typename Get>
OptionKind ClusterName(Get get) {
  return PlainScalar(get, ParseClusterName);
}

template <typename Get>
OptionKind AddressList(Get get) {
  return TextList(get, ParseAddress);
}

template <typename Get>
OptionKind PatternList(Get get) {
  return TextList(get, ParseInterfacePattern);
}

// A value with a name. `names` in the order in which the help text tells them.
template <typename Value, typename Get>
OptionKind OneOf(std::vector<std::pair<const char*, Value>> names, Get get) {
  std::string choices = absl::StrJoin(
      names, ", ", [](std::string* out, const auto& name) { out->append(name.first); });
  auto parse = [names, choices](const std::string& text) -> absl::StatusOr<Value> {
    for (const auto& [name, value] : names) {
      if (text == name) return value;
    }
    return absl::InvalidArgumentError(
        absl::StrCat(names.size() == 1 ? "must be " : "must be one of ", choices));
  };
  auto show = [names](Value wanted) {
    for (const auto& [name, value] : names) {
      if (value == wanted) return std::string(name);
    }
    return std::string();
  };
  OptionKind kind = Scalar(get, parse, show);
  kind.choices = absl::StrCat(": ", choices);
  return kind;
}

}  // namespace alidade

#endif  // ALIDADE_AGENT_OPTION_KINDS_H_
