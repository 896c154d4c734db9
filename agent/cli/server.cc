// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/server.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "agent/cli/flag_values.h"
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
    return absl::InvalidArgumentError(absl::StrCat("open ", path, ": ", GoErrorText(errno)));
  }
  text->append(std::istreambuf_iterator<char>(file), {});
  return absl::OkStatus();
}

absl::Status AppendAuthorities(const std::string& path, std::string* text) {
  std::string own;
  const absl::Status status = AppendFile(path, &own);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot load cert '", path, "': ", std::string(status.message())));
  }
  if (!absl::StrContains(own, "-----BEGIN CERTIFICATE-----")) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot process cert '", path, "': must be a PEM encoded certificate"));
  }
  absl::StrAppend(text, own, "\n");
  return absl::OkStatus();
}

// Certificate or key, as `what` says.
absl::Status ReadPem(const std::string& path, const char* what, std::string* text) {
  RETURN_IF_ERROR(AppendFile(path, text));
  if (absl::StrContains(*text, "-----BEGIN ")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("tls: failed to find any PEM data in ", what, " input"));
}

// Encrypted to whoever answers.
std::shared_ptr<grpc::ChannelCredentials> UnverifiedTls(const TlsMaterial& material) {
  using grpc::experimental::IdentityKeyCertPair;
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  if (!material.certificate.empty()) {
    options.set_certificate_provider(
        std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
            std::vector{IdentityKeyCertPair{material.key, material.certificate}}));
    options.watch_identity_key_cert_pairs();
  }
  return grpc::experimental::TlsCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> MakeCredentials(const ServerFlags& flags,
                                                          const TlsMaterial& material) {
  if (!flags.uses_tls()) return grpc::InsecureChannelCredentials();
  if (flags.allow_insecure) return UnverifiedTls(material);
  return grpc::SslCredentials({material.authorities, material.key, material.certificate});
}

}  // namespace

absl::StatusOr<TlsMaterial> ReadTlsMaterial(const ServerFlags& flags) {
  TlsMaterial material;
  if (!flags.uses_tls()) return material;
  for (const std::string& path : flags.ca_files) {
    RETURN_IF_ERROR(AppendAuthorities(path, &material.authorities));
  }
  if (!flags.cert_file.empty()) {
    RETURN_IF_ERROR(ReadPem(flags.cert_file, "certificate", &material.certificate));
    RETURN_IF_ERROR(ReadPem(flags.key_file, "key", &material.key));
  }
  return material;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ServerFlags& flags,
                                                       const TlsMaterial& material) {
  if (!flags.debug) setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  absl::string_view target = flags.target;
  absl::ConsumePrefix(&target, "tls://");
  if (target.empty()) {
    return absl::InvalidArgumentError("--server names no server; it is HOST:PORT or unix:///PATH");
  }
  if (flags.has_user() && !flags.uses_tls()) {
    return absl::InvalidArgumentError(
        absl::StrCat("failed to create gRPC client to '", flags.target,
                     "': a user's password is sent over TLS only; add --tls"));
  }
  grpc::ChannelArguments arguments;
  // A proxy of the user's web traffic has no business between an agent and its user.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // The longest that one attempt may take, by its name the shortest pause before the next.
  constexpr absl::Duration kLongest = absl::Hours(24 * 20);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(
                       std::clamp(flags.dial_timeout, absl::Milliseconds(1), kLongest))));
  if (flags.uses_tls() && !flags.server_name.empty()) {
    arguments.SetSslTargetNameOverride(flags.server_name);
  }
  return grpc::CreateCustomChannel(std::string(target), MakeCredentials(flags, material),
                                   arguments);
}

void Authorize(const ServerFlags& flags, grpc::ClientContext* context) {
  if (!flags.has_user()) return;
  context->AddMetadata("authorization",
                       absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(flags.user_name, ":",
                                                                              flags.password))));
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
