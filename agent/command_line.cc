// SPDX-License-Identifier: Apache-2.0
#include "agent/command_line.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace alidade {
namespace {

// CLI11 takes `--name=` for a flag whose value is the next argument; the user means an empty value.
std::vector<std::string> SeparateEmptyValues(const Arguments& arguments) {
  std::vector<std::string> separated;
  for (const std::string& argument : arguments) {
    if (absl::StartsWith(argument, "--") && absl::EndsWith(argument, "=")) {
      separated.push_back(argument.substr(0, argument.size() - 1));
      separated.emplace_back();
    } else {
      separated.push_back(argument);
    }
  }
  return separated;
}

std::vector<std::string> LongFlags(const CLI::App& app) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

absl::Status UnknownArgument(const CLI::App& app, const std::string& argument) {
  std::string hint = absl::StrCat("; see ", app.get_name(), " --help");
  if (!absl::StartsWith(argument, "-")) {
    return absl::InvalidArgumentError(absl::StrCat("unexpected argument ", argument, hint));
  }
  std::string flag = argument.substr(0, argument.find('='));
  return absl::InvalidArgumentError(
      absl::StrCat("unknown flag ", flag, DidYouMean(flag, LongFlags(app)), hint));
}

// Levenshtein's distance, one row of the matrix at a time.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

absl::Status ParseArguments(const Arguments& arguments, CLI::App* app) {
  const bool keeps_unknown = app->get_allow_extras();
  app->allow_extras();
  std::vector<std::string> reversed = SeparateEmptyValues(arguments);
  std::reverse(reversed.begin(), reversed.end());  // the order that CLI::App::parse takes
  try {
    app->parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return absl::CancelledError(app->help());
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(error.what(), "; see ", app->get_name(), " --help"));
  }
  std::vector<std::string> unknown = app->remaining();
  if (!keeps_unknown && !unknown.empty()) return UnknownArgument(*app, unknown.front());
  return absl::OkStatus();
}

int ReportNotRun(const absl::Status& status) {
  std::string message(status.message());
  if (absl::IsCancelled(status)) {
    std::fputs(message.c_str(), stdout);
    return 0;
  }
  std::fprintf(stderr, "alidade: %s\n", message.c_str());
  return kExitUsage;
}

std::string DidYouMean(const std::string& wanted, const std::vector<std::string>& names) {
  // Users of Hubble know some flags with this prefix.
  std::string text = wanted;
  size_t prefix = text.find("hubble-");
  if (prefix != std::string::npos) text.erase(prefix, sizeof("hubble-") - 1);

  const std::string* nearest = nullptr;
  size_t least = 1 + std::max<size_t>(2, text.size() / 5);
  for (const std::string& name : names) {
    size_t distance = EditDistance(text, name);
    if (distance < least) {
      least = distance;
      nearest = &name;
    }
  }
  return nearest == nullptr ? "" : absl::StrCat(" (did you mean ", *nearest, "?)");
}

}  // namespace alidade
