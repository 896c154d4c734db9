// SPDX-License-Identifier: Apache-2.0
//
// TLS listeners: who gets in, by which version, and what happens when certificates change.
#include <fstream>
#include <mutex>

#include "grpcpp/security/credentials.h"
#include "tests/agent/observer/server_fixture.h"
#include "tests/support/certificates.h"

namespace alidade {
namespace {

using testing::CertificateAuthority;
using testing::ReadWhole;

constexpr char kServerName[] = "node-1.c1.hubble-grpc.cilium.io";

class TlsFixture : public ServerFixture {
 public:
  TlsFixture() {
    options.listen_addresses = {FreeLoopbackAddress()};
    options.tls.cert_file = authority.cert_file("server");
    options.tls.key_file = authority.key_file("server");
    options.tls.refresh_seconds = 1;
    ring.AddFlow("u1", 1);
  }

  void RequireClientCertificates() { options.tls.client_ca_files = {clients.ca_file()}; }

  // A client that trusts `trusted`, with the certificate that `issuer` gave to `subject`.
  std::shared_ptr<grpc::Channel> Connect(const CertificateAuthority& trusted,
                                         const CertificateAuthority& issuer,
                                         const std::string& subject) const {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_cert_chain = ReadWhole(issuer.cert_file(subject));
    ssl.pem_private_key = ReadWhole(issuer.key_file(subject));
    return Connect(options.listen_addresses.front(), trusted, ssl);
  }
  std::shared_ptr<grpc::Channel> Connect(const CertificateAuthority& trusted,
                                         const std::string& subject) const {
    return Connect(trusted, clients, subject);
  }
  // Without a certificate of its own.
  std::shared_ptr<grpc::Channel> Connect(const CertificateAuthority& trusted) const {
    return ConnectTo(options.listen_addresses.front(), trusted);
  }
  std::shared_ptr<grpc::Channel> ConnectTo(const std::string& address,
                                           const CertificateAuthority& trusted) const {
    return Connect(address, trusted, {});
  }

  static grpc::StatusCode Ask(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    observer::ServerStatusResponse response;
    return observer::Observer::NewStub(channel)->ServerStatus(&context, {}, &response).error_code();
  }

  // Asks on new connections until the answer is `code`.
  void WaitFor(grpc::StatusCode code, const CertificateAuthority& trusted) const {
    const absl::Time give_up = absl::Now() + absl::Seconds(kDeadlineSeconds);
    while (Ask(Connect(trusted)) != code) REQUIRE(absl::Now() < give_up);
  }

  // The output of `openssl s_client` with these arguments.
  std::string OpenSsl(const std::string& arguments) const {
    const std::string path = folder / "s_client.txt";
    const std::string command = "openssl s_client -connect " + options.listen_addresses.front() +
                                " " + arguments + " </dev/null >" + path + " 2>&1";
    const int status = std::system(command.c_str());
    return ReadWhole(path) + "status " + std::to_string(status);
  }

  CertificateAuthority authority{folder / "", "server-ca"};
  CertificateAuthority clients{folder / "", "client-ca"};

 private:
  static std::shared_ptr<grpc::Channel> Connect(const std::string& address,
                                                const CertificateAuthority& trusted,
                                                grpc::SslCredentialsOptions ssl) {
    ssl.pem_root_certs = ReadWhole(trusted.ca_file());
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(kServerName);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address, grpc::SslCredentials(ssl), arguments);
  }
};

TEST_CASE("a client that trusts the certificate gets in, others do not", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", "*.c1.hubble-grpc.cilium.io");
  fixture.Start();
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority)) == grpc::StatusCode::OK);
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.clients)) == grpc::StatusCode::UNAVAILABLE);
  // In the clear.
  CHECK(TlsFixture::Ask(grpc::CreateChannel(fixture.options.listen_addresses.front(),
                                            grpc::InsecureChannelCredentials())) ==
        grpc::StatusCode::UNAVAILABLE);
  FlowCall in_the_clear(&*fixture.client, LastFlows(1));  // the unix socket
  CHECK(in_the_clear.ReadAll() == "u1 ");
}

TEST_CASE("with a client authority only its clients get in", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", kServerName);
  fixture.clients.Issue("relay", "ui.hubble-relay.cilium.io");
  const CertificateAuthority strangers(fixture.folder / "", "client-ca-of-others");
  fixture.RequireClientCertificates();
  fixture.Start();
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority, "relay")) == grpc::StatusCode::OK);
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority)) == grpc::StatusCode::UNAVAILABLE);
  strangers.Issue("relay", "ui.hubble-relay.cilium.io");
  std::filesystem::copy_file(strangers.cert_file("relay"), fixture.clients.cert_file("stranger"));
  std::filesystem::copy_file(strangers.key_file("relay"), fixture.clients.key_file("stranger"));
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority, "stranger")) ==
        grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("clients of several authorities get in, and of those that change", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", kServerName);
  fixture.clients.Issue("relay", "ui.hubble-relay.cilium.io");
  const CertificateAuthority operators(fixture.folder / "", "operators-ca");
  operators.Issue("operator", "operator.example");
  const std::string later = fixture.folder / "later.pem";
  fixture.options.tls.client_ca_files = {fixture.clients.ca_file(), later};
  std::mutex mutex;
  std::string warnings;
  fixture.options.on_warning = [&](const std::string& line) {
    const std::scoped_lock lock(mutex);
    warnings += line + "\n";
  };
  fixture.Start();
  const auto as_operator = [&] {
    return TlsFixture::Ask(fixture.Connect(fixture.authority, operators, "operator"));
  };
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority, "relay")) == grpc::StatusCode::OK);
  CHECK(as_operator() == grpc::StatusCode::UNAVAILABLE);
  {
    const std::scoped_lock lock(mutex);
    CHECK(warnings ==
          "no certificate in " + later + "; its clients are refused until there is one\n");
  }

  std::filesystem::copy_file(operators.ca_file(), later);
  const absl::Time give_up = absl::Now() + absl::Seconds(kDeadlineSeconds);
  while (as_operator() != grpc::StatusCode::OK) REQUIRE(absl::Now() < give_up);
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority, "relay")) == grpc::StatusCode::OK);

  // The first is replaced by one that did not issue relay's certificate.
  const CertificateAuthority fresh(fixture.folder / "", "fresh-ca");
  std::filesystem::rename(fresh.ca_file(), fixture.clients.ca_file());
  while (TlsFixture::Ask(fixture.Connect(fixture.authority, "relay")) == grpc::StatusCode::OK) {
    REQUIRE(absl::Now() < give_up);
  }
  CHECK(as_operator() == grpc::StatusCode::OK);
}

TEST_CASE("while there is no client authority nobody gets in", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", kServerName);
  fixture.clients.Issue("relay", "ui.hubble-relay.cilium.io");
  fixture.options.tls.client_ca_files = {fixture.folder / "none.pem"};
  fixture.Start();
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority, "relay")) ==
        grpc::StatusCode::UNAVAILABLE);
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority)) == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("every listen address serves the same TLS, of both families", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", kServerName);
  const std::string port = fixture.options.listen_addresses.front().substr(9);
  fixture.options.listen_addresses.push_back("[::1]" + port);
  fixture.options.listen_addresses.push_back("127.0.0.2" + port);
  fixture.Start();
  for (const std::string& address : fixture.options.listen_addresses) {
    INFO(address);
    CHECK(TlsFixture::Ask(fixture.ConnectTo(address, fixture.authority)) == grpc::StatusCode::OK);
  }
}

TEST_CASE("TLS is 1.3 and agrees on HTTP/2", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", kServerName);
  fixture.Start();
  TlsFixture::Ask(fixture.Connect(fixture.authority));  // the certificates are read
  const std::string modern = fixture.OpenSsl("-tls1_3 -alpn h2");
  INFO(modern);
  CHECK(modern.find("ALPN protocol: h2") != std::string::npos);
  const std::string old = fixture.OpenSsl("-tls1_2 -alpn h2");
  INFO(old);
  CHECK(old.find("Cipher is (NONE)") != std::string::npos);
}

TEST_CASE("certificates may come later and change, and open streams stay", "[observer]") {
  TlsFixture fixture;
  fixture.Start();
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority)) == grpc::StatusCode::UNAVAILABLE);
  fixture.authority.Issue("server", kServerName);
  fixture.WaitFor(grpc::StatusCode::OK, fixture.authority);

  const auto stub = observer::Observer::NewStub(fixture.Connect(fixture.authority));
  grpc::ClientContext context;
  Client::SetDeadline(&context);
  const auto stream = stub->GetFlows(&context, FollowFlows());
  observer::GetFlowsResponse response;
  REQUIRE(stream->Read(&response));
  CHECK(response.flow().uuid() == "u1");

  // From another authority: only those who trust that one get in from now on.
  fixture.clients.Issue("server", kServerName);
  std::filesystem::rename(fixture.clients.key_file("server"), fixture.options.tls.key_file);
  std::filesystem::rename(fixture.clients.cert_file("server"), fixture.options.tls.cert_file);
  fixture.WaitFor(grpc::StatusCode::OK, fixture.clients);
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority)) == grpc::StatusCode::UNAVAILABLE);

  fixture.ring.AddFlow("u2", 2);
  fixture.server->NotifyAppended();
  REQUIRE(stream->Read(&response));
  CHECK(response.flow().uuid() == "u2");
  context.TryCancel();
}

TEST_CASE("relay is told the server names of nodes that serve TLS", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", kServerName);
  fixture.options.peers_file = fixture.folder / "peers";
  std::ofstream(fixture.options.peers_file) << "node-2 192.0.2.2\n";
  fixture.Start();
  grpc::ClientContext context;
  Client::SetDeadline(&context);
  const auto reader = fixture.client->peer->Notify(&context, {});
  peer::ChangeNotification change;
  REQUIRE(reader->Read(&change));
  CHECK(change.address() == fixture.options.listen_addresses.front());
  CHECK(change.tls().server_name() == kServerName);
  REQUIRE(reader->Read(&change));
  CHECK(change.tls().server_name() == "node-2.c1.hubble-grpc.cilium.io");
  context.TryCancel();
}

TEST_CASE("with TLS an address may be open to others", "[observer]") {
  TlsFixture fixture;
  fixture.authority.Issue("server", kServerName);
  std::string& address = fixture.options.listen_addresses.front();
  address = "0.0.0.0" + address.substr(address.rfind(':'));
  fixture.Start();
  address = "127.0.0.1" + address.substr(address.rfind(':'));
  CHECK(TlsFixture::Ask(fixture.Connect(fixture.authority)) == grpc::StatusCode::OK);
}

}  // namespace
}  // namespace alidade
