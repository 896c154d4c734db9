// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/server.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace alidade {
namespace {

// `InvalidArgument` for INVALID_ARGUMENT, as gRPC's Go implementation names codes.
std::string GoCodeName(grpc::StatusCode code) {
  std::string name;
  bool start = true;
  for (const char c : absl::StatusCodeToString(static_cast<absl::StatusCode>(code))) {
    if (c != '_') name.push_back(start ? c : absl::ascii_tolower(static_cast<unsigned char>(c)));
    start = c == '_';
  }
  return name == "Cancelled" ? "Canceled" : name;
}

}  // namespace

void AddServerFlag(CLI::App* app, std::string* target) {
  *target = kDefaultServer;
  app->add_option("--server", *target, "server to ask: HOST:PORT or unix:///PATH")
      ->type_name("TARGET")
      ->envname("ALIDADE_SERVER")
      ->capture_default_str()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  grpc::ChannelArguments arguments;
  // A proxy of the user's web traffic has no business between an agent and its user.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

std::string DescribeCallFailure(const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::UNKNOWN) return status.error_message();
  std::string text = absl::StrCat("rpc error: code = ", GoCodeName(status.error_code()),
                                  " desc = ", status.error_message());
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string DescribeFailure(const grpc::Status& status) {
  std::string text =
      absl::StrCat(absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code())),
                   ": ", status.error_message());
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace alidade
