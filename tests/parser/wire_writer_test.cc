// SPDX-License-Identifier: Apache-2.0
#include "parser/wire_writer.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "flow/flow.pb.h"

namespace alidade::testing {
namespace {

// What `write` writes.
template <typename Write>
std::string Written(Write write) {
  std::string out(100'000, '\0');
  WireWriter writer(out.data());
  write(&writer);
  out.resize(static_cast<size_t>(writer.position() - out.data()));
  return out;
}

TEST_CASE("default values are not written", "[parser]") {
  CHECK(Written([](WireWriter* out) {
          out->Varint<1>(0);
          out->EnumValue<2>(flow::VERDICT_UNKNOWN);
          out->Text<3>("");
          out->ForeignText<4>("");
        }).empty());
}

TEST_CASE("what has presence is written even when it is empty", "[parser]") {
  CHECK(Written([](WireWriter* out) { WireWriter::Message<1> message(out); }) ==
        std::string("\x0a\x00", 2));
  CHECK(Written([](WireWriter* out) { out->Present<2>(""); }) == std::string("\x12\x00", 2));
}

TEST_CASE("varints and tags have every length", "[parser]") {
  for (int bits = 1; bits <= 64; ++bits) {
    const uint64_t value = ~uint64_t{0} >> (64 - bits);
    const std::string wire =
        Written([&](WireWriter* out) { out->Varint<flow::Flow::kSocketCookieFieldNumber>(value); });
    flow::Flow flow;
    REQUIRE(flow.ParseFromString(wire));
    CHECK(flow.socket_cookie() == value);
    CHECK(flow.SerializeAsString() == wire);
  }
  CHECK(Written([](WireWriter* out) { out->Varint<150000>(1); }) == "\x80\x9f\x49\x01");
}

TEST_CASE("a negative enum number is sign-extended as protobuf does", "[parser]") {
  const std::string wire = Written([](WireWriter* out) {
    out->EnumValue<flow::Flow::kDropReasonDescFieldNumber>(static_cast<int32_t>(-5));
  });
  flow::Flow flow;
  REQUIRE(flow.ParseFromString(wire));
  CHECK(static_cast<int>(flow.drop_reason_desc()) == -5);
  CHECK(flow.SerializeAsString() == wire);
}

TEST_CASE("nested messages around the lengths where their size field grows are whole", "[parser]") {
  for (const int size :
       {0, 1, 120, 123, 124, 125, 126, 127, 128, 129, 16'370, 16'380, 16'384, 70'000}) {
    const std::string label(static_cast<size_t>(size), 'x');
    const std::string wire = Written([&](WireWriter* out) {
      WireWriter::Message<flow::Flow::kInterfaceFieldNumber> outer(out);
      out->Varint<flow::NetworkInterface::kIndexFieldNumber>(7);
      out->Text<flow::NetworkInterface::kNameFieldNumber>(label);
    });
    flow::Flow flow;
    REQUIRE(flow.ParseFromString(wire));
    CHECK(flow.interface().name() == label);
    CHECK(flow.SerializeAsString() == wire);
  }
}

TEST_CASE("a message that grows inside one that grows moves as a whole", "[parser]") {
  const std::string name(200, 'n');
  const std::string wire = Written([&](WireWriter* out) {
    WireWriter::Message<flow::Flow::kSourceFieldNumber> endpoint(out);
    out->Varint<flow::Endpoint::kIDFieldNumber>(9);
    WireWriter::Message<flow::Endpoint::kWorkloadsFieldNumber> workload(out);
    out->Text<flow::Workload::kNameFieldNumber>(name);
    out->Text<flow::Workload::kKindFieldNumber>("Deployment");
  });
  flow::Flow flow;
  REQUIRE(flow.ParseFromString(wire));
  CHECK(flow.source().workloads(0).name() == name);
  CHECK(flow.SerializeAsString() == wire);
}

TEST_CASE("foreign text is made UTF-8", "[parser]") {
  const std::string wire = Written([](WireWriter* out) {
    WireWriter::Message<flow::Flow::kInterfaceFieldNumber> interface(out);
    out->ForeignText<flow::NetworkInterface::kNameFieldNumber>("eth\xff");
  });
  flow::Flow flow;
  REQUIRE(flow.ParseFromString(wire));
  CHECK(flow.interface().name() == "eth?");
}

}  // namespace
}  // namespace alidade::testing
