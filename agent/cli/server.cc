// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/server.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/status_macros.h"

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

absl::Status AppendFile(const std::string& path, std::string* text) {
  std::ifstream file(path);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("open ", path, ": ", std::strerror(errno)));
  }
  text->append(std::istreambuf_iterator<char>(file), {});
  return absl::OkStatus();
}

// Encrypted to whoever answers.
std::shared_ptr<grpc::ChannelCredentials> UnverifiedTls() {
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  return grpc::experimental::TlsCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> TlsCredentials(const ServerFlags& flags) {
  if (flags.allow_insecure) return UnverifiedTls();
  grpc::SslCredentialsOptions ssl;
  for (const std::string& path : flags.ca_files) {
    RETURN_IF_ERROR(AppendFile(path, &ssl.pem_root_certs));
  }
  if (!flags.cert_file.empty()) {
    RETURN_IF_ERROR(AppendFile(flags.cert_file, &ssl.pem_cert_chain));
    RETURN_IF_ERROR(AppendFile(flags.key_file, &ssl.pem_private_key));
  }
  return grpc::SslCredentials(ssl);
}

}  // namespace

void AddServerFlags(CLI::App* app, ServerFlags* flags) {
  constexpr char kGroup[] = "Server";
  app->add_option("--server", flags->target, "server to ask: HOST:PORT or unix:///PATH")
      ->type_name("TARGET")
      ->envname("ALIDADE_SERVER")
      ->capture_default_str()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->group(kGroup);
  app->add_flag("--tls", flags->tls, "speak TLS")->group(kGroup);
  app->add_option("--tls-ca-cert-files", flags->ca_files,
                  "certificates (PEM), one of which issued the server's")
      ->type_name("FILE")
      ->delimiter(',')
      ->group(kGroup);
  app->add_option("--tls-client-cert-file", flags->cert_file, "own certificate (PEM)")
      ->type_name("FILE")
      ->group(kGroup);
  app->add_option("--tls-client-key-file", flags->key_file, "its private key (PEM)")
      ->type_name("FILE")
      ->group(kGroup);
  app->add_option("--tls-server-name", flags->server_name, "name in the server's certificate")
      ->type_name("NAME")
      ->group(kGroup);
  app->add_flag("--tls-allow-insecure", flags->allow_insecure,
                "speak TLS with whoever answers, without a look at the certificate")
      ->group(kGroup);
  app->add_option("--basic-auth-username", flags->user_name, "user name for a proxy; needs TLS")
      ->type_name("NAME")
      ->group(kGroup);
  app->add_option("--basic-auth-password", flags->password, "password of that user")
      ->type_name("TEXT")
      ->group(kGroup);
}

bool ServerFlags::uses_tls() const { return tls || absl::StartsWith(target, "tls://"); }

absl::Status Authorize(const ServerFlags& flags, grpc::ClientContext* context) {
  if (flags.user_name.empty() && flags.password.empty()) return absl::OkStatus();
  if (!flags.uses_tls()) {
    return absl::InvalidArgumentError("--basic-auth-username and --basic-auth-password need --tls");
  }
  context->AddMetadata("authorization",
                       absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(flags.user_name, ":",
                                                                              flags.password))));
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ServerFlags& flags) {
  grpc::ChannelArguments arguments;
  // A proxy of the user's web traffic has no business between an agent and its user.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  absl::string_view target = flags.target;
  absl::ConsumePrefix(&target, "tls://");
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (flags.uses_tls()) {
    ASSIGN_OR_RETURN(credentials, TlsCredentials(flags));
    if (!flags.server_name.empty()) arguments.SetSslTargetNameOverride(flags.server_name);
  }
  return grpc::CreateCustomChannel(std::string(target), credentials, arguments);
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
