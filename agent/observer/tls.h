// SPDX-License-Identifier: Apache-2.0
//
// Server credentials from files that may change, or come, while the server runs (contract 1.3).
#ifndef ALIDADE_AGENT_OBSERVER_TLS_H_
#define ALIDADE_AGENT_OBSERVER_TLS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/observer/ca_bundle.h"
#include "grpcpp/security/server_credentials.h"

namespace alidade {

// PEM files.
struct TlsFiles {
  std::string cert_file;  // the server's chain, leaf first; empty: no TLS
  std::string key_file;
  // Clients must show a certificate that one of those in any of these has issued; empty: need none.
  std::vector<std::string> client_ca_files;
  unsigned refresh_seconds = 5;  // between two looks at the files

  bool enabled() const { return !cert_file.empty(); }
};

// TLS 1.3 with ALPN `h2`. A handshake uses the newest contents, connections that are there stay.
// While they are missing or do not fit together, the last good ones serve; before there were any,
// handshakes fail.
//
// Has to outlive the server that uses it.
//
// Refuses TLS 1.2 by an environment variable of gRPC's for the whole process, since gRPC 1.51 has
// no option for it: the first TLS server must be started before any TLS client of the process, and
// none where threads read the environment.
class TlsListener {
 public:
  // `warn` is told of bad files of clients' authorities, on any thread.
  // Errors: those of CaBundle.
  static absl::StatusOr<std::unique_ptr<TlsListener>> Make(
      const TlsFiles& files, std::function<void(const std::string& line)> warn);

  const std::shared_ptr<grpc::ServerCredentials>& credentials() const { return credentials_; }

 private:
  TlsListener() = default;

  std::unique_ptr<CaBundle> client_cas_;  // null: clients need no certificate
  std::shared_ptr<grpc::ServerCredentials> credentials_;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_OBSERVER_TLS_H_
