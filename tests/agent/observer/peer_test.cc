// SPDX-License-Identifier: Apache-2.0
//
// Peer.Notify while the file of peers changes.
#include <fstream>
#include <mutex>

#include "tests/agent/observer/server_fixture.h"

namespace alidade {
namespace {

class NotifyCall {
 public:
  explicit NotifyCall(Client* client) {
    Client::SetDeadline(&context_);
    reader_ = client->peer->Notify(&context_, {});
  }

  // The next change as `ADDED name address server-name`.
  std::string Next() {
    peer::ChangeNotification change;
    if (!reader_->Read(&change)) return "end";
    std::string type = peer::ChangeNotificationType_Name(change.type());
    return type.substr(type.find('_') + 1) + " " + change.name() + " " + change.address() +
           (change.has_tls() ? " " + change.tls().server_name() : "");
  }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<peer::ChangeNotification>> reader_;
};

class PeersFixture : public ServerFixture {
 public:
  PeersFixture() {
    options.peers_file = folder / "peers";
    options.on_warning = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      warnings_.push_back(line);
    };
  }

  // Replaces the file at once, as careful programs do.
  void WriteFile(const std::string& text) {
    const std::string fresh = options.peers_file + ".fresh";
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, options.peers_file);
  }

  size_t warnings() {
    const std::lock_guard lock(mutex_);
    return warnings_.size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> warnings_;
};

TEST_CASE("all nodes of the file are told, and this one", "[observer]") {
  PeersFixture fixture;
  fixture.WriteFile("node-2 192.0.2.2\nc2/node-3 192.0.2.3:1\n");
  fixture.Start();
  NotifyCall call(&*fixture.client);
  CHECK(call.Next() == "ADDED c1/node-1 unix://" + fixture.options.socket_path);
  CHECK(call.Next() == "ADDED c1/node-2 192.0.2.2:4244");
  CHECK(call.Next() == "ADDED c2/node-3 192.0.2.3:1");
  call.Cancel();
  CHECK(call.Next() == "end");
}

TEST_CASE("a change of the file reaches every open stream", "[observer]") {
  PeersFixture fixture;
  fixture.WriteFile("node-1 192.0.2.1\nnode-2 192.0.2.2\nnode-3 192.0.2.3\n");
  fixture.Start();
  NotifyCall first(&*fixture.client);
  NotifyCall second(&*fixture.client);
  for (NotifyCall* call : {&first, &second}) {
    for (int i = 1; i <= 3; ++i) CHECK(call->Next().starts_with("ADDED"));
  }
  fixture.WriteFile("node-1 192.0.2.1\nnode-3 192.0.2.33\nnode-4 192.0.2.4\n");
  for (NotifyCall* call : {&first, &second}) {
    CHECK(call->Next() == "DELETED c1/node-2 192.0.2.2:4244");
    CHECK(call->Next() == "UPDATED c1/node-3 192.0.2.33:4244");
    CHECK(call->Next() == "ADDED c1/node-4 192.0.2.4:4244");
  }
  // Written in place this time.
  std::ofstream(fixture.options.peers_file) << "node-1 192.0.2.1\nnode-3 192.0.2.33\n";
  CHECK(first.Next() == "DELETED c1/node-4 192.0.2.4:4244");
  // Slowly: what is half written takes nobody away.
  std::ofstream slow(fixture.options.peers_file);
  slow << "node-1 192.0.2.1\n" << std::flush;
  std::ofstream(fixture.options.peers_file + ".other") << "wakes the watch";
  slow << "node-3 192.0.2.33\nnode-5 192.0.2.5\n";
  slow.close();
  CHECK(first.Next() == "ADDED c1/node-5 192.0.2.5:4244");
  first.Cancel();
  second.Cancel();
}

TEST_CASE("a file that turns bad changes nothing and is warned of", "[observer]") {
  PeersFixture fixture;
  fixture.WriteFile("node-2 192.0.2.2\n");
  fixture.Start();
  NotifyCall call(&*fixture.client);
  CHECK(call.Next().starts_with("ADDED c1/node-1"));
  CHECK(call.Next().starts_with("ADDED c1/node-2"));
  fixture.WriteFile("nonsense\n");
  const absl::Time give_up = absl::Now() + absl::Seconds(kDeadlineSeconds);
  while (fixture.warnings() == 0) REQUIRE(absl::Now() < give_up);
  fixture.WriteFile("node-2 192.0.2.2\nnode-5 192.0.2.5\n");
  CHECK(call.Next() == "ADDED c1/node-5 192.0.2.5:4244");
  call.Cancel();
}

TEST_CASE("a file of peers that is wrong at the start is an error", "[observer]") {
  PeersFixture fixture;
  const auto started =
      ObserverServer::Start(fixture.options, fixture.ring.ring(), fixture.ledger, {});
  CHECK(AsView(started.status().message()) ==
        Concat(fixture.options.peers_file, ": cannot be read"));
}

}  // namespace
}  // namespace alidade
