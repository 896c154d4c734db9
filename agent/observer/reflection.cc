// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/reflection.h"

#include "absl/strings/str_cat.h"
#include "agent/filter/concat.h"
#include "google/protobuf/descriptor.pb.h"

namespace alidade {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

absl::Status NotFound(const std::string& what) {
  return absl::NotFoundError(absl::StrCat("not found: ", what));
}

absl::Status FillExtensionNumbers(const std::string& name,
                                  grpc::reflection::v1::ExtensionNumberResponse* response) {
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  const Descriptor* message = pool->FindMessageTypeByName(name);
  if (message == nullptr) return NotFound(name);
  std::vector<const FieldDescriptor*> extensions;
  pool->FindAllExtensions(message, &extensions);
  response->set_base_type_name(name);
  for (const FieldDescriptor* extension : extensions) {
    response->add_extension_number(extension->number());
  }
  return absl::OkStatus();
}

const FileDescriptor* FileOfExtension(const grpc::reflection::v1::ExtensionRequest& request) {
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  const Descriptor* message = pool->FindMessageTypeByName(request.containing_type());
  if (message == nullptr) return nullptr;
  const FieldDescriptor* extension =
      pool->FindExtensionByNumber(message, request.extension_number());
  return extension == nullptr ? nullptr : extension->file();
}

}  // namespace

grpc::reflection::v1::ServerReflectionResponse ReflectionSession::Answer(const Request& request) {
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const absl::Status status = Fill(request, &response);
  if (!status.ok()) {
    response.mutable_error_response()->set_error_code(static_cast<int>(status.code()));
    response.mutable_error_response()->set_error_message(std::string(AsView(status.message())));
  }
  return response;
}

absl::Status ReflectionSession::Fill(const Request& request, Response* response) {
  const DescriptorPool* pool = DescriptorPool::generated_pool();
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const std::string& service : services_) {
        response->mutable_list_services_response()->add_service()->set_name(service);
      }
      return absl::OkStatus();
    case Request::kFileByFilename:
      return AddFile(pool->FindFileByName(request.file_by_filename()), request.file_by_filename(),
                     response);
    case Request::kFileContainingSymbol:
      return AddFile(pool->FindFileContainingSymbol(request.file_containing_symbol()),
                     request.file_containing_symbol(), response);
    case Request::kFileContainingExtension:
      return AddFile(FileOfExtension(request.file_containing_extension()),
                     request.file_containing_extension().containing_type(), response);
    case Request::kAllExtensionNumbersOfType:
      return FillExtensionNumbers(request.all_extension_numbers_of_type(),
                                  response->mutable_all_extension_numbers_response());
    case Request::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError("the request asks for nothing that is known");
}

absl::Status ReflectionSession::AddFile(const FileDescriptor* file, const std::string& asked,
                                        Response* response) {
  if (file == nullptr) return NotFound(asked);
  std::vector<const FileDescriptor*> queue = {file};
  // The file that was asked for goes out again even if it was sent before.
  sent_.erase(file->name());
  for (size_t i = 0; i < queue.size(); ++i) {
    const FileDescriptor* next = queue[i];
    if (!sent_.insert(next->name()).second) continue;
    google::protobuf::FileDescriptorProto proto;
    next->CopyTo(&proto);
    response->mutable_file_descriptor_response()->add_file_descriptor_proto(
        proto.SerializeAsString());
    for (int k = 0; k < next->dependency_count(); ++k) queue.push_back(next->dependency(k));
  }
  return absl::OkStatus();
}

}  // namespace alidade
