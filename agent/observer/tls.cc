// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/tls.h"

#include <cstdlib>
#include <utility>

#include "absl/time/time.h"
#include "agent/status_macros.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace alidade {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::TlsServerCredentialsOptions;

// The ciphers of TLS 1.2 that the server accepts: one that needs a key both sides know beforehand,
// which nobody does, and so none. An empty list is an error. TLS 1.3 has a list of its own.
constexpr char kCipherVariable[] = "GRPC_SSL_CIPHER_SUITES";
constexpr char kNoTls12[] = "PSK-AES128-GCM-SHA256";

}  // namespace

absl::StatusOr<std::unique_ptr<TlsListener>> TlsListener::Make(
    const TlsFiles& files, std::function<void(const std::string& line)> warn) {
  setenv(kCipherVariable, kNoTls12, /*overwrite=*/0);
  std::unique_ptr<TlsListener> listener(new TlsListener());
  std::string client_cas;
  if (!files.client_ca_files.empty()) {
    ASSIGN_OR_RETURN(listener->client_cas_,
                     CaBundle::Start(files.client_ca_files, absl::Seconds(files.refresh_seconds),
                                     std::move(warn)));
    client_cas = listener->client_cas_->path();
  }
  TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      files.key_file, files.cert_file, client_cas, files.refresh_seconds));
  options.watch_identity_key_cert_pairs();
  if (!client_cas.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  listener->credentials_ = grpc::experimental::TlsServerCredentials(options);
  return listener;
}

}  // namespace alidade
