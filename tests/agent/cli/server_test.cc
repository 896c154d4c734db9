// SPDX-License-Identifier: Apache-2.0
//
// Connections to a server that speaks TLS 1.2 or 1.3 and wants a certificate of its client.
#include "agent/cli/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "catch2/catch_test_macros.hpp"
#include "observer/observer.grpc.pb.h"
#include "tests/support/certificates.h"
#include "tests/support/temporary_folder.h"

namespace alidade {
namespace {

// Tells back what `authorization` its caller sent, as its version.
class Echo final : public observer::Observer::Service {
  grpc::Status ServerStatus(grpc::ServerContext* context, const observer::ServerStatusRequest*,
                            observer::ServerStatusResponse* response) override {
    const auto found = context->client_metadata().find("authorization");
    if (found != context->client_metadata().end()) {
      response->set_version(std::string(found->second.data(), found->second.size()));
    }
    return grpc::Status::OK;
  }
};

class TlsServer {
 public:
  explicit TlsServer(bool asks_client = true) {
    ours.emplace(folder_.path(), "ours");
    theirs.emplace(folder_.path(), "theirs");
    ours->Issue("server", "node.example.org");
    ours->Issue("client", "client.example.org");
    theirs->Issue("client", "client.example.org");
    grpc::SslServerCredentialsOptions options;
    options.pem_root_certs = testing::ReadWhole(ours->ca_file());
    options.pem_key_cert_pairs.push_back({testing::ReadWhole(ours->key_file("server")),
                                          testing::ReadWhole(ours->cert_file("server"))});
    options.client_certificate_request =
        asks_client ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                    : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port_);
    builder.RegisterService(&echo_);
    server_ = builder.BuildAndStart();
    REQUIRE(server_ != nullptr);
  }
  ~TlsServer() { server_->Shutdown(); }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  // Flags of a client that does everything right.
  ServerFlags Flags() const {
    ServerFlags flags;
    flags.target = "tls://127.0.0.1:" + std::to_string(port_);
    flags.ca_files = {ours->ca_file()};
    flags.cert_file = ours->cert_file("client");
    flags.key_file = ours->key_file("client");
    flags.server_name = "node.example.org";
    return flags;
  }

  std::optional<testing::CertificateAuthority> ours;
  std::optional<testing::CertificateAuthority> theirs;

 private:
  const testing::TemporaryFolder folder_;
  int port_ = 0;
  Echo echo_;
  std::unique_ptr<grpc::Server> server_;
};

// What the server answers, or the text of the failure.
std::string Ask(const ServerFlags& flags) {
  const absl::StatusOr<TlsMaterial> material = ReadTlsMaterial(flags);
  if (!material.ok()) return std::string(material.status().message());
  const auto channel = Connect(flags, *material);
  if (!channel.ok()) return std::string(channel.status().message());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  Authorize(flags, &context);
  observer::ServerStatusResponse response;
  const grpc::Status status = observer::Observer::NewStub(*channel)->ServerStatus(
      &context, observer::ServerStatusRequest(), &response);
  return status.ok() ? "answer " + response.version() : DescribeCallFailure(status);
}

bool IsUnavailable(const std::string& answer) {
  return answer.rfind("rpc error: code = Unavailable desc = ", 0) == 0;
}

TEST_CASE("TLS both ways, and what is wrong with it", "[cli]") {
  const TlsServer server;
  CHECK(Ask(server.Flags()) == "answer ");

  ServerFlags several = server.Flags();
  several.ca_files = {server.theirs->ca_file(), server.ours->ca_file()};
  CHECK(Ask(several) == "answer ");

  ServerFlags without_prefix = server.Flags();
  without_prefix.target = without_prefix.target.substr(6);
  CHECK(IsUnavailable(Ask(without_prefix)));  // in the clear
  without_prefix.tls = true;
  CHECK(Ask(without_prefix) == "answer ");

  ServerFlags other_authority = server.Flags();
  other_authority.ca_files = {server.theirs->ca_file()};
  CHECK(IsUnavailable(Ask(other_authority)));

  ServerFlags other_name = server.Flags();
  other_name.server_name = "other.example.org";
  CHECK(IsUnavailable(Ask(other_name)));

  ServerFlags unknown_client = server.Flags();
  unknown_client.cert_file = server.theirs->cert_file("client");
  unknown_client.key_file = server.theirs->key_file("client");
  CHECK(IsUnavailable(Ask(unknown_client)));

  ServerFlags nobody = server.Flags();
  nobody.cert_file.clear();
  nobody.key_file.clear();
  CHECK(IsUnavailable(Ask(nobody)));
}

TEST_CASE("TLS with whoever answers still shows the own certificate", "[cli]") {
  const TlsServer server;
  ServerFlags flags = server.Flags();
  flags.ca_files = {server.theirs->ca_file()};
  flags.server_name = "other.example.org";
  flags.allow_insecure = true;
  CHECK(Ask(flags) == "answer ");
  flags.cert_file.clear();
  flags.key_file.clear();
  CHECK(IsUnavailable(Ask(flags)));
}

TEST_CASE("a user's name and password go over TLS only", "[cli]") {
  const TlsServer server(/*asks_client=*/false);
  ServerFlags flags = server.Flags();
  flags.user_name = "user";
  flags.password = "pass:word";
  CHECK(Ask(flags) == "answer Basic dXNlcjpwYXNzOndvcmQ=");
  flags.target = flags.target.substr(6);
  CHECK(Ask(flags) == "failed to create gRPC client to '" + flags.target +
                          "': a user's password is sent over TLS only; add --tls");
}

TEST_CASE("files that are none are refused before the call", "[cli]") {
  const TlsServer server(/*asks_client=*/false);
  ServerFlags flags = server.Flags();
  flags.ca_files = {"/none"};
  CHECK(Ask(flags) == "cannot load cert '/none': open /none: no such file or directory");
  flags.ca_files = {server.ours->key_file("client")};
  CHECK(Ask(flags) ==
        "cannot process cert '" + flags.ca_files[0] + "': must be a PEM encoded certificate");
  flags = server.Flags();
  flags.key_file = "/none";
  CHECK(Ask(flags) == "open /none: no such file or directory");
  flags.key_file = "/etc/hostname";
  CHECK(Ask(flags) == "tls: failed to find any PEM data in key input");
}

TEST_CASE("a server that accepts and says nothing is given up", "[cli]") {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  REQUIRE(bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  REQUIRE(listen(listener, 8) == 0);
  REQUIRE(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ServerFlags flags;
  flags.target = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  flags.dial_timeout = absl::Milliseconds(300);
  CHECK(IsUnavailable(Ask(flags)));
  close(listener);
}

}  // namespace
}  // namespace alidade
