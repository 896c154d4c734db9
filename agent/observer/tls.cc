// SPDX-License-Identifier: Apache-2.0
#include "agent/observer/tls.h"

#include <cstdlib>

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

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsFiles& files) {
  setenv(kCipherVariable, kNoTls12, /*overwrite=*/0);
  TlsServerCredentialsOptions options(std::make_shared<FileWatcherCertificateProvider>(
      files.key_file, files.cert_file, files.client_ca_file, files.refresh_seconds));
  options.watch_identity_key_cert_pairs();
  if (!files.client_ca_file.empty()) {
    options.watch_root_certs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace alidade
