// SPDX-License-Identifier: Apache-2.0
//
// http_status_code, http_method, http_path, http_url, http_header: of the HTTP record of an L7 flow
// (contract 5.2). Next to an event_type that leaves out L7 events each of them is an error.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "agent/filter/concat.h"
#include "agent/filter/go_text.h"
#include "agent/filter/predicate.h"
#include "agent/filter/regex_text.h"
#include "agent/filter/request_uri.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

constexpr int kL7Message = 129;

// A predicate from `matches`(encoded flow.HTTP) that refuses flows without an HTTP record.
template <typename Fn>
std::unique_ptr<Predicate> OnHttp(Fn matches) {
  return OnFlow([matches = std::move(matches)](StoredEvent& event) {
    const std::string_view l7 = event.Bytes(flow::Flow::kL7FieldNumber).value_or("");
    const std::optional<std::string_view> http = FindBytes(l7, flow::Layer7::kHttpFieldNumber);
    return http && matches(*http);
  });
}

absl::Status CheckEventType(const flow::FlowFilter& filter, std::string_view what) {
  const auto& types = filter.event_type();
  const bool allows_l7 =
      types.empty() || std::any_of(types.begin(), types.end(),
                                   [](const auto& entry) { return entry.type() == kL7Message; });
  if (allows_l7) return absl::OkStatus();
  return absl::UnknownError(Concat("filtering by http ", what,
                                   " requires the event type filter to only match 'l7' events"));
}

// `NNN` is exact; `N+` and `NN+` are prefixes. The first digit is 1 to 5.
struct StatusPattern {
  std::string digits;
  bool prefix;

  bool Matches(std::string_view code) const {
    return prefix ? code.starts_with(digits) : code == digits;
  }
};

absl::StatusOr<StatusPattern> ParseStatusPattern(const std::string& text) {
  StatusPattern pattern{text, text.ends_with('+')};
  if (pattern.prefix) pattern.digits.pop_back();
  const std::string& digits = pattern.digits;
  const bool right_size =
      pattern.prefix ? digits.size() == 1 || digits.size() == 2 : digits.size() == 3;
  if (!right_size || digits.find_first_not_of("0123456789") != std::string::npos ||
      digits.front() < '1' || digits.front() > '5') {
    return absl::UnknownError(
        Concat("invalid http status code filter: invalid status code prefix: ", GoQuote(text)));
  }
  return pattern;
}

absl::Status CompileStatus(const flow::FlowFilter& filter, PredicateList* out) {
  if (filter.http_status_code().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEventType(filter, "status code"));
  std::vector<StatusPattern> patterns;
  for (const std::string& text : filter.http_status_code()) {
    ASSIGN_OR_RETURN(StatusPattern pattern, ParseStatusPattern(text));
    patterns.push_back(std::move(pattern));
  }
  out->push_back(OnHttp([patterns = std::move(patterns)](std::string_view http) {
    const uint64_t number = FindNumber(http, flow::HTTP::kCodeFieldNumber);
    if (number == 0) return false;  // a request
    const std::string code = absl::StrFormat("%03d", number);
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const StatusPattern& pattern) { return pattern.Matches(code); });
  }));
  return absl::OkStatus();
}

absl::Status CompileMethod(const flow::FlowFilter& filter, PredicateList* out) {
  if (filter.http_method().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEventType(filter, "method"));
  const std::vector<std::string> wanted(filter.http_method().begin(), filter.http_method().end());
  out->push_back(OnHttp([wanted](std::string_view http) {
    const std::string method(FindBytes(http, flow::HTTP::kMethodFieldNumber).value_or(""));
    return !method.empty() &&
           std::any_of(wanted.begin(), wanted.end(),
                       [&](const std::string& one) { return absl::EqualsIgnoreCase(one, method); });
  }));
  return absl::OkStatus();
}

absl::StatusOr<RegexList> CompileRegexes(const Texts& patterns, std::string_view what) {
  RegexList regexes;
  for (const std::string& pattern : patterns) {
    absl::StatusOr<std::unique_ptr<RE2>> regex = CompileRegex(pattern);
    if (!regex.ok()) {
      return absl::UnknownError(
          Concat("invalid http ", what, " filter: ", pattern, ": ", regex.status().message()));
    }
    regexes.Add(*std::move(regex));
  }
  return regexes;
}

absl::Status CompilePath(const flow::FlowFilter& filter, PredicateList* out) {
  if (filter.http_path().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEventType(filter, "path"));
  ASSIGN_OR_RETURN(RegexList regexes, CompileRegexes(filter.http_path(), "path"));
  out->push_back(OnHttp([regexes = std::move(regexes)](std::string_view http) {
    const std::optional<std::string> path =
        RequestPath(FindBytes(http, flow::HTTP::kUrlFieldNumber).value_or(""));
    return path && regexes.FoundIn(*path);
  }));
  return absl::OkStatus();
}

absl::Status CompileUrl(const flow::FlowFilter& filter, PredicateList* out) {
  if (filter.http_url().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEventType(filter, "url"));
  ASSIGN_OR_RETURN(RegexList regexes, CompileRegexes(filter.http_url(), "url"));
  out->push_back(OnHttp([regexes = std::move(regexes)](std::string_view http) {
    const std::string_view url = FindBytes(http, flow::HTTP::kUrlFieldNumber).value_or("");
    return !url.empty() && regexes.FoundIn(url);
  }));
  return absl::OkStatus();
}

absl::Status CompileHeader(const flow::FlowFilter& filter, PredicateList* out) {
  if (filter.http_header().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckEventType(filter, "headers"));
  const std::vector<flow::HTTPHeader> wanted(filter.http_header().begin(),
                                             filter.http_header().end());
  out->push_back(OnHttp([wanted](std::string_view http) {
    return AnyBytes(http, flow::HTTP::kHeadersFieldNumber, [&](std::string_view header) {
      const std::string_view key =
          FindBytes(header, flow::HTTPHeader::kKeyFieldNumber).value_or("");
      const std::string_view value =
          FindBytes(header, flow::HTTPHeader::kValueFieldNumber).value_or("");
      return std::any_of(wanted.begin(), wanted.end(), [&](const flow::HTTPHeader& one) {
        return one.key() == key && one.value() == value;
      });
    });
  }));
  return absl::OkStatus();
}

}  // namespace

absl::Status CompileHttp(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                         PredicateList* out) {
  RETURN_IF_ERROR(CompileStatus(filter, out));
  RETURN_IF_ERROR(CompileMethod(filter, out));
  RETURN_IF_ERROR(CompilePath(filter, out));
  RETURN_IF_ERROR(CompileUrl(filter, out));
  return CompileHeader(filter, out);
}

}  // namespace alidade
