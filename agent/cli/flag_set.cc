// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/flag_set.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "agent/cli/flag_values.h"
#include "agent/filter/go_text.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

absl::Status Wrong(const std::string& problem) { return absl::InvalidArgumentError(problem); }

// Stores what `parse` makes of a text.
template <typename Value, typename Parse>
std::function<absl::Status(const std::string&)> Into(Value* target, Parse parse) {
  return [target, parse](const std::string& text) {
    ASSIGN_OR_RETURN(*target, parse(text));
    return absl::OkStatus();
  };
}

}  // namespace

std::string Flag::Title() const {
  return letter == '\0' ? absl::StrCat("--", name)
                        : absl::StrCat("-", std::string(1, letter), ", --", name);
}

// Goes through the arguments once.
class FlagSet::Reader {
 public:
  Reader(const FlagSet& flags, const Arguments& arguments) : flags_(flags), arguments_(arguments) {}

  absl::Status Read() {
    while (next_ < arguments_.size()) {
      const std::string& argument = arguments_[next_++];
      if (argument == "--") {
        words_.insert(words_.end(), arguments_.begin() + static_cast<ptrdiff_t>(next_),
                      arguments_.end());
        break;
      }
      if (argument.size() < 2 || argument[0] != '-') {
        words_.push_back(argument);
      } else {
        RETURN_IF_ERROR(argument[1] == '-' ? ReadLong(argument) : ReadShort(argument));
      }
    }
    if (words_.empty()) return absl::OkStatus();
    return Wrong(absl::StrCat("unexpected argument ", GoQuote(words_.front()), "; see ",
                              flags_.command_, " --help"));
  }

 private:
  absl::Status ReadLong(const std::string& argument) {
    const std::string text = argument.substr(2);
    if (text[0] == '-' || text[0] == '=') return Wrong("bad flag syntax: " + argument);
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    Flag* const flag = flags_.Find(name);
    if (flag == nullptr) {
      return name == "help" ? absl::CancelledError(flags_.Help())
                            : Wrong("unknown flag: --" + name);
    }
    if (equals != std::string::npos) return Take(flag, text.substr(equals + 1));
    if (!flag->alone.empty()) return Take(flag, flag->alone);
    if (next_ < arguments_.size()) return Take(flag, arguments_[next_++]);
    return Wrong("flag needs an argument: --" + name);
  }

  // One letter or several, the last of which may have its value behind it.
  absl::Status ReadShort(const std::string& argument) {
    for (size_t at = 1; at < argument.size(); ++at) {
      const std::string rest = argument.substr(at);
      Flag* const flag = flags_.Find(rest[0]);
      if (flag == nullptr) {
        if (rest[0] == 'h') return absl::CancelledError(flags_.Help());
        return Wrong(
            absl::StrCat("unknown shorthand flag: ", GoQuoteFirstRune(rest), " in -", rest));
      }
      if (rest.size() > 2 && rest[1] == '=') return Take(flag, rest.substr(2));
      if (!flag->alone.empty()) {
        RETURN_IF_ERROR(Take(flag, flag->alone));
        continue;
      }
      if (rest.size() > 1) return Take(flag, rest.substr(1));
      if (next_ < arguments_.size()) return Take(flag, arguments_[next_++]);
      return Wrong(absl::StrCat("flag needs an argument: ", GoQuoteFirstRune(rest), " in -", rest));
    }
    return absl::OkStatus();
  }

  static absl::Status Take(Flag* flag, const std::string& value) {
    const absl::Status status = flag->take(value);
    if (!status.ok()) {
      return Wrong(absl::StrCat("invalid argument ", GoQuote(value), " for ",
                                GoQuote(flag->Title()), " flag: ", std::string(status.message())));
    }
    flag->is_given = true;
    return absl::OkStatus();
  }

  const FlagSet& flags_;
  const Arguments& arguments_;
  size_t next_ = 0;
  Arguments words_;  // what is no flag
};

FlagSet::FlagSet(std::string command, std::string does)
    : command_(std::move(command)), does_(std::move(does)) {}

void FlagSet::Group(const std::string& heading, bool is_bound) {
  headings_.push_back({heading, flags_.size()});
  is_bound_ = is_bound;
}

Flag* FlagSet::Add(Flag flag) {
  flag.is_bound = is_bound_;
  return flags_.emplace_back(std::make_unique<Flag>(std::move(flag))).get();
}

Flag* FlagSet::AddText(const char* name, const char* value, const char* help, std::string* target) {
  Flag flag;
  flag.name = name;
  flag.value = value;
  flag.help = help;
  flag.shown_default = *target;
  flag.take = [target](const std::string& text) {
    *target = text;
    return absl::OkStatus();
  };
  return Add(std::move(flag));
}

Flag* FlagSet::AddSwitch(const char* name, const char* help, bool* target) {
  Flag flag;
  flag.name = name;
  flag.help = help;
  flag.shown_default = *target ? "true" : "";
  flag.alone = "true";
  flag.take = Into(target, ParseGoBool);
  return Add(std::move(flag));
}

Flag* FlagSet::AddNumber(const char* name, const char* help, uint64_t* target) {
  Flag flag;
  flag.name = name;
  flag.value = "N";
  flag.help = help;
  flag.take = Into(target, [](const std::string& text) { return ParseGoUint(text, 0, 64); });
  return Add(std::move(flag));
}

Flag* FlagSet::AddDuration(const char* name, const char* help, absl::Duration* target) {
  Flag flag;
  flag.name = name;
  flag.value = "DURATION";
  flag.help = help;
  flag.shown_default = absl::FormatDuration(*target);
  flag.take = Into(target, ParseGoDuration);
  return Add(std::move(flag));
}

Flag* FlagSet::AddList(const char* name, const char* value, const char* help,
                       std::vector<std::string>* target) {
  Flag flag;
  flag.name = name;
  flag.value = value;
  flag.help = help;
  flag.takes_many = true;
  flag.take = [target](const std::string& text) {
    if (text.empty()) return absl::OkStatus();
    for (const absl::string_view item : absl::StrSplit(text, ',')) target->emplace_back(item);
    return absl::OkStatus();
  };
  return Add(std::move(flag));
}

absl::Status FlagSet::Parse(const Arguments& arguments) { return Reader(*this, arguments).Read(); }

std::optional<size_t> FlagSet::FindWord(const Arguments& arguments) const {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") return std::nullopt;
    if (argument.size() < 2 || argument[0] != '-') return i;
    if (argument.find('=') != std::string::npos) continue;
    const Flag* flag = argument[1] == '-'     ? Find(argument.substr(2))
                       : argument.size() == 2 ? Find(argument[1])
                                              : nullptr;
    if (flag != nullptr && flag->alone.empty()) ++i;  // its value
  }
  return std::nullopt;
}

std::vector<Flag*> FlagSet::bound() {
  std::vector<Flag*> bound;
  for (const auto& flag : flags_) {
    if (flag->is_bound) bound.push_back(flag.get());
  }
  return bound;
}

std::string FlagSet::Help() const {
  size_t width = 0;
  auto left = [](const Flag& flag) {
    return absl::StrCat(flag.letter == '\0' ? "    " : "", flag.Title(),
                        flag.value.empty() ? "" : " ", flag.value);
  };
  for (const auto& flag : flags_) width = std::max(width, left(*flag).size());
  std::string text = absl::StrCat(does_, "\n\nUsage: ", command_, " [flags]\n");
  auto heading = headings_.begin();
  for (size_t i = 0; i < flags_.size(); ++i) {
    for (; heading != headings_.end() && heading->first == i; ++heading) {
      absl::StrAppend(&text, "\n", heading->text, ":\n");
    }
    const Flag& flag = *flags_[i];
    absl::StrAppendFormat(&text, "  %-*s  %s", static_cast<int>(width), left(flag), flag.help);
    if (!flag.shown_default.empty()) absl::StrAppend(&text, " (default ", flag.shown_default, ")");
    text.push_back('\n');
  }
  return text;
}

Flag* FlagSet::Find(const std::string& name) const {
  for (const auto& flag : flags_) {
    if (flag->name == name) return flag.get();
  }
  return nullptr;
}

Flag* FlagSet::Find(char letter) const {
  for (const auto& flag : flags_) {
    if (flag->letter == letter && letter != '\0') return flag.get();
  }
  return nullptr;
}

}  // namespace alidade
