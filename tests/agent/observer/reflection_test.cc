// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/reflection.h"

#include <catch2/catch_test_macros.hpp>

#include "google/protobuf/descriptor.pb.h"
#include "observer/observer.pb.h"

namespace alidade {
namespace {

using Request = grpc::reflection::v1::ServerReflectionRequest;
using Response = grpc::reflection::v1::ServerReflectionResponse;

const std::vector<std::string> kServices = {"observer.Observer"};

// Anything of observer.proto has to be linked for it to be known.
const google::protobuf::Descriptor* const kLinked = observer::GetFlowsRequest::descriptor();

std::string FileNames(const Response& response) {
  std::string names;
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    REQUIRE(file.ParseFromString(bytes));
    names += file.name() + " ";
  }
  return names;
}

Request File(const std::string& name) {
  Request request;
  request.set_file_by_filename(name);
  return request;
}

Request Symbol(const std::string& name) {
  Request request;
  request.set_file_containing_symbol(name);
  return request;
}

TEST_CASE("an answer holds the file and the imports that were not sent before", "[observer]") {
  REQUIRE(kLinked != nullptr);
  ReflectionSession session(kServices);
  CHECK(FileNames(session.Answer(Symbol("observer.Observer"))) ==
        "observer/observer.proto google/protobuf/any.proto google/protobuf/field_mask.proto "
        "google/protobuf/timestamp.proto google/protobuf/wrappers.proto flow/flow.proto "
        "relay/relay.proto ");
  CHECK(FileNames(session.Answer(File("google/protobuf/any.proto"))) ==
        "google/protobuf/any.proto ");
  CHECK(FileNames(session.Answer(File("flow/flow.proto"))) == "flow/flow.proto ");
  CHECK(FileNames(session.Answer(Symbol("flow.Flow.source"))) == "flow/flow.proto ");
  CHECK(FileNames(session.Answer(Symbol("grpc.reflection.v1.ServerReflection"))) ==
        "grpc/reflection/v1/reflection.proto ");
}

TEST_CASE("what is not there is an error, and the request comes back", "[observer]") {
  ReflectionSession session(kServices);
  for (const Request& request : {File("nope.proto"), Symbol("nope.Nope")}) {
    const Response response = session.Answer(request);
    CHECK(response.error_response().error_code() == 5);
    CHECK(response.original_request().message_request_case() == request.message_request_case());
  }
  CHECK(session.Answer(Request()).error_response().error_code() == 3);
  Request extension;
  extension.mutable_file_containing_extension()->set_containing_type("flow.Flow");
  extension.mutable_file_containing_extension()->set_extension_number(7);
  CHECK(session.Answer(extension).error_response().error_code() == 5);
}

TEST_CASE("a message of the API has no extensions", "[observer]") {
  ReflectionSession session(kServices);
  Request request;
  request.set_all_extension_numbers_of_type("flow.Flow");
  const Response response = session.Answer(request);
  CHECK(response.all_extension_numbers_response().base_type_name() == "flow.Flow");
  CHECK(response.all_extension_numbers_response().extension_number().empty());
}

TEST_CASE("services are listed as they are registered", "[observer]") {
  ReflectionSession session(kServices);
  Request request;
  request.set_list_services("*");
  const Response response = session.Answer(request);
  REQUIRE(response.list_services_response().service_size() == 1);
  CHECK(response.list_services_response().service(0).name() == "observer.Observer");
}

}  // namespace
}  // namespace alidade
