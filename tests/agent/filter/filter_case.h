// SPDX-License-Identifier: Apache-2.0
//
// Filters and flows as text protos, so that a test is a table.
#ifndef ALIDADE_TESTS_AGENT_FILTER_FILTER_CASE_H_
#define ALIDADE_TESTS_AGENT_FILTER_FILTER_CASE_H_

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "agent/filter/concat.h"
#include "agent/filter/filter.h"
#include "google/protobuf/text_format.h"
#include "tests/agent/filter/stored_flow.h"

namespace alidade {

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  INFO(text);
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

inline FlowFilterList OneFilter(const std::string& filter) {
  FlowFilterList list;
  *list.Add() = FromText<flow::FlowFilter>(filter);
  return list;
}

inline bool Passes(const std::string& filter, const StoredFlow& event,
                   const NodeIdentity& node = {}) {
  INFO("filter " << filter);
  absl::StatusOr<FilterSet> filters = CompileFilters(OneFilter(filter), {}, node);
  REQUIRE(filters.ok());
  TestBody body(event.body);
  return filters->Judge(event.header, &body) == FilterAnswer::kPass;
}

inline bool Passes(const std::string& filter, const std::string& flow,
                   const NodeIdentity& node = {}) {
  return Passes(filter, Store(FromText<flow::Flow>(flow)), node);
}

// The error that a filter is refused with; empty when it is accepted.
inline std::string ErrorOf(const std::string& filter) {
  const absl::Status status = CompileFilters(OneFilter(filter), {}, {}).status();
  CHECK((status.ok() || status.code() == absl::StatusCode::kUnknown));
  return std::string(AsView(status.message()));
}

struct FilterCase {
  const char* filter;
  const char* flow;
  bool passes;
};

template <size_t kSize>
void CheckCases(const FilterCase (&cases)[kSize]) {
  for (const FilterCase& one : cases) {
    INFO("filter " << one.filter << " flow " << one.flow);
    CHECK(Passes(one.filter, std::string(one.flow)) == one.passes);
  }
}

struct ErrorCase {
  const char* filter;
  const char* error;
};

template <size_t kSize>
void CheckErrors(const ErrorCase (&cases)[kSize]) {
  for (const ErrorCase& one : cases) CHECK(ErrorOf(one.filter) == one.error);
}

}  // namespace alidade

#endif  // ALIDADE_TESTS_AGENT_FILTER_FILTER_CASE_H_
