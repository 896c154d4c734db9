// SPDX-License-Identifier: Apache-2.0
//
// source_fqdn, destination_fqdn: one of the side's names fits a pattern. dns_query: a regular
// expression found in the query of a DNS record.
#include "agent/filter/concat.h"
#include "agent/filter/dns_pattern.h"
#include "agent/filter/predicate.h"
#include "agent/filter/regex_text.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

using Texts = google::protobuf::RepeatedPtrField<std::string>;

absl::Status CompileSide(const Texts& texts, int field, PredicateList* out) {
  if (texts.empty()) return absl::OkStatus();
  WholeTextMatcher matcher;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(const std::string regex, DnsPatternRegex(text));
    matcher.Add(regex);
  }
  matcher.Compile();
  out->push_back(OnFlow([matcher = std::move(matcher), field](StoredEvent& event) {
    return AnyBytes(event.body(), static_cast<uint32_t>(field),
                    [&](std::string_view name) { return matcher.Matches(name); });
  }));
  return absl::OkStatus();
}

absl::Status CompileQuery(const Texts& patterns, PredicateList* out) {
  if (patterns.empty()) return absl::OkStatus();
  RegexList regexes;
  for (const std::string& pattern : patterns) {
    absl::StatusOr<std::unique_ptr<RE2>> regex = CompileRegex(pattern);
    if (!regex.ok()) {
      return absl::UnknownError(
          Concat("invalid DNS query filter: failed to compile regexp: ", regex.status().message()));
    }
    regexes.Add(*std::move(regex));
  }
  out->push_back(OnFlow([regexes = std::move(regexes)](StoredEvent& event) {
    const std::string_view l7 = event.Bytes(flow::Flow::kL7FieldNumber).value_or("");
    const std::optional<std::string_view> dns = FindBytes(l7, flow::Layer7::kDnsFieldNumber);
    return dns && regexes.FoundIn(FindBytes(*dns, flow::DNS::kQueryFieldNumber).value_or(""));
  }));
  return absl::OkStatus();
}

}  // namespace

absl::Status CompileFqdn(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                         PredicateList* out) {
  RETURN_IF_ERROR(CompileSide(filter.source_fqdn(), flow::Flow::kSourceNamesFieldNumber, out));
  RETURN_IF_ERROR(
      CompileSide(filter.destination_fqdn(), flow::Flow::kDestinationNamesFieldNumber, out));
  return CompileQuery(filter.dns_query(), out);
}

}  // namespace alidade
