// SPDX-License-Identifier: Apache-2.0
//
// The compiled descriptors are the Hubble API: no field, enum value or RPC more or less than
// tests/data/hubble-api.tsv lists, each with the number, type and JSON name that clients use.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "flow/flow.pb.h"
#include "observer/observer.pb.h"
#include "peer/peer.pb.h"
#include "relay/relay.pb.h"

namespace alidade {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

// A row of the table, columns joined by tabs, without its last column (`in_seed`, which is about
// the table's own origin).
using Rows = std::set<std::string>;

std::string Join(const std::vector<std::string>& columns) {
  std::string row;
  for (const std::string& column : columns) {
    if (!row.empty()) row += '\t';
    row += column;
  }
  return row;
}

Rows RowsOfTable() {
  std::ifstream table(ALIDADE_TEST_DATA "/hubble-api.tsv");
  Rows rows;
  std::string line;
  std::getline(table, line);  // column names
  while (std::getline(table, line)) rows.insert(line.substr(0, line.rfind('\t')));
  return rows;
}

std::string YesNo(bool value) { return value ? "yes" : "no"; }

std::string TypeName(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return field.message_type()->full_name();
  if (field.enum_type() != nullptr) return field.enum_type()->full_name();
  return field.type_name();
}

// `optional` is how the table calls a plain proto3 field. A field with the keyword `optional` would
// show as a member of a synthetic oneof, and differ.
std::string Label(const FieldDescriptor& field) {
  if (field.containing_oneof() != nullptr) return "oneof " + field.containing_oneof()->name();
  return field.is_repeated() ? "repeated" : "optional";
}

// The table counts a field of a deprecated message as deprecated.
bool Deprecated(const FieldDescriptor& field) {
  return field.options().deprecated() || field.containing_type()->options().deprecated();
}

void AddEnum(const EnumDescriptor& type, Rows& rows) {
  for (int i = 0; i < type.value_count(); ++i) {
    const auto& value = *type.value(i);
    rows.insert(Join({"enum-value", type.file()->package(), type.full_name(), value.name(),
                      std::to_string(value.number()), type.full_name(), "",
                      YesNo(value.options().deprecated()), ""}));
  }
}

void AddMessage(const Descriptor& message, Rows& rows) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    rows.insert(Join({"message-field", message.file()->package(), message.full_name(), field.name(),
                      std::to_string(field.number()), TypeName(field), Label(field),
                      YesNo(Deprecated(field)), field.json_name()}));
  }
  for (int i = 0; i < message.enum_type_count(); ++i) AddEnum(*message.enum_type(i), rows);
  for (int i = 0; i < message.nested_type_count(); ++i) AddMessage(*message.nested_type(i), rows);
}

std::string Shape(const MethodDescriptor& method) {
  if (method.client_streaming()) return "client_streaming";
  return method.server_streaming() ? "server_streaming" : "unary";
}

Rows RowsOfFile(const FileDescriptor& file) {
  Rows rows;
  for (int i = 0; i < file.message_type_count(); ++i) AddMessage(*file.message_type(i), rows);
  for (int i = 0; i < file.enum_type_count(); ++i) AddEnum(*file.enum_type(i), rows);
  for (int s = 0; s < file.service_count(); ++s) {
    for (int m = 0; m < file.service(s)->method_count(); ++m) {
      const MethodDescriptor& method = *file.service(s)->method(m);
      rows.insert(
          Join({"rpc", file.package(), method.service()->full_name(), method.name(), "",
                method.input_type()->full_name() + " -> " + method.output_type()->full_name(),
                Shape(method), YesNo(method.options().deprecated()), ""}));
    }
  }
  return rows;
}

std::array<const FileDescriptor*, 4> ApiFiles() {
  return {flow::Flow::descriptor()->file(), observer::GetFlowsRequest::descriptor()->file(),
          peer::NotifyRequest::descriptor()->file(), relay::NodeStatusEvent::descriptor()->file()};
}

Rows RowsOfDescriptors() {
  Rows rows;
  for (const FileDescriptor* file : ApiFiles()) rows.merge(RowsOfFile(*file));
  return rows;
}

// One row a line, so that a failure names each difference.
std::string Difference(const Rows& from, const Rows& without) {
  std::ostringstream text;
  std::set_difference(from.begin(), from.end(), without.begin(), without.end(),
                      std::ostream_iterator<std::string>(text, "\n"));
  return text.str();
}

TEST_CASE("every row of the Hubble API table is in the descriptors", "[proto]") {
  const Rows table = RowsOfTable();
  REQUIRE(table.size() == 561);
  CHECK(Difference(table, RowsOfDescriptors()) == "");
}

TEST_CASE("the descriptors hold nothing that the Hubble API table lacks", "[proto]") {
  CHECK(Difference(RowsOfDescriptors(), RowsOfTable()) == "");
}

TEST_CASE("the proto files have the names and imports that reflection clients ask for", "[proto]") {
  const auto [flow, observer, peer, relay] = ApiFiles();
  CHECK(flow->name() == "flow/flow.proto");
  CHECK(observer->name() == "observer/observer.proto");
  CHECK(peer->name() == "peer/peer.proto");
  CHECK(relay->name() == "relay/relay.proto");

  REQUIRE(observer->public_dependency_count() == 1);
  CHECK(observer->public_dependency(0) == flow);
  bool imports_relay = false;
  for (int i = 0; i < observer->dependency_count(); ++i) {
    imports_relay |= observer->dependency(i) == relay;
  }
  CHECK(imports_relay);
}

TEST_CASE("numbers of former fields and enum values stay reserved", "[proto]") {
  for (const int number : {7, 12, 17, 18}) {
    CHECK(flow::Flow::descriptor()->IsReservedNumber(number));
  }
  for (const int number : {2, 4}) {
    CHECK(observer::GetFlowsRequest::descriptor()->IsReservedNumber(number));
  }
  for (const int number : {1, 2, 3}) {
    CHECK(flow::DebugCapturePoint_descriptor()->IsReservedNumber(number));
  }
  CHECK(flow::AgentEventType_descriptor()->IsReservedNumber(1));
}

}  // namespace
}  // namespace alidade
