// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/any.pb.h>
#include <google/protobuf/struct.pb.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "parser/encode_extension.h"
#include "parser/process.h"
#include "tests/support/flow_builder.h"

namespace alidade::testing {
namespace {

using google::protobuf::Struct;

Process Worker() {
  return {.pid = 42,
          .command = "worker",
          .executable = "/usr/bin/worker",
          .cgroup = "/docker/" + std::string(64, 'c'),
          .container_id = std::string(64, 'c')};
}

// The entries of the extension that `extension` is encoded as.
Struct Encoded(const FlowExtension& extension) {
  std::string wire(4096, '\0');
  WireWriter writer(wire.data());
  EncodeExtension(extension, &writer);
  wire.resize(static_cast<size_t>(writer.position() - wire.data()));
  google::protobuf::Any any;
  Struct entries;
  REQUIRE(any.ParseFromString(wire));
  REQUIRE(any.UnpackTo(&entries));
  CHECK(DeterministicBytes(entries) == any.value());
  return entries;
}

std::string Text(const Struct& entries, const char* key) {
  return entries.fields().contains(key) ? entries.fields().at(key).string_value() : "";
}

TEST_CASE("a process is encoded as protobuf encodes its entries", "[parser]") {
  const EncodedProcess encoded = EncodeProcess(Worker());
  CHECK(encoded.pid == 42);
  Struct entries;
  const auto set = [&entries](const char* key, const std::string& text) {
    (*entries.mutable_fields())[key].set_string_value(text);
  };
  set("cgroup", Worker().cgroup);
  set("command", "worker");
  set("container_id", Worker().container_id);
  set("executable", "/usr/bin/worker");
  CHECK(encoded.wire == DeterministicBytes(entries));
}

TEST_CASE("what is not known of a process has no entry", "[parser]") {
  CHECK(EncodeProcess(Process()).wire.empty());
  Process process = Worker();
  process.cgroup.clear();
  process.container_id.clear();
  const EncodedProcess encoded = EncodeProcess(process);
  FlowExtension extension;
  extension.process = &encoded;
  CHECK(Encoded(extension).fields_size() == 2);
}

TEST_CASE("text of a process that is not UTF-8 is made so", "[parser]") {
  Process process = Worker();
  process.command = "caf\xc3";
  const EncodedProcess encoded = EncodeProcess(process);
  FlowExtension extension;
  extension.process = &encoded;
  CHECK(Text(Encoded(extension), "command") == "caf?");
}

TEST_CASE("the name that the event itself brings stands for the known one", "[parser]") {
  const EncodedProcess encoded = EncodeProcess(Worker());
  FlowExtension extension;
  extension.process = &encoded;
  CHECK(Text(Encoded(extension), "command") == "worker");
  extension.comm = "renamed";
  const Struct entries = Encoded(extension);
  CHECK(Text(entries, "command") == "renamed");
  CHECK(Text(entries, "cgroup") == Worker().cgroup);
  CHECK(Text(entries, "container_id") == Worker().container_id);
  CHECK(Text(entries, "executable") == "/usr/bin/worker");
}

}  // namespace
}  // namespace alidade::testing
