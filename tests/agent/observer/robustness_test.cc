// SPDX-License-Identifier: Apache-2.0
//
// Clients that are many, large, broken or malicious: they get an error or are cut, and others are
// served meanwhile.
#include <fcntl.h>

#include <algorithm>
#include <random>
#include <thread>

#include "tests/agent/observer/raw_connection.h"
#include "tests/agent/observer/server_fixture.h"

namespace alidade {
namespace {

// A follow stream that is read without blocking a thread of its own.
struct Follower {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncReader<observer::GetFlowsResponse>> reader;
  observer::GetFlowsResponse response;
  grpc::Status status;
};

class Followers {
 public:
  // `connections` that share so many streams.
  Followers(const std::string& target, size_t connections, size_t streams) {
    for (size_t i = 0; i < connections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(observer::Observer::NewStub(
          grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments)));
    }
    for (size_t i = 0; i < streams; ++i) {
      Follower& follower = *all_.emplace_back(std::make_unique<Follower>());
      Client::SetDeadline(&follower.context);
      follower.reader = stubs_[i % connections]->AsyncGetFlows(&follower.context, FollowFlows(),
                                                               &queue_, nullptr);
    }
    for (size_t i = 0; i < streams; ++i) Take();
  }
  ~Followers() {
    for (const auto& follower : all_) follower->context.TryCancel();
    for (const auto& follower : all_) follower->reader->Finish(&follower->status, nullptr);
    for (size_t i = 0; i < all_.size(); ++i) Take();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) continue;
  }

  // Reads one flow from each stream; how many of them are `uuid`.
  size_t ReadEach(const std::string& uuid) {
    for (const auto& follower : all_) follower->reader->Read(&follower->response, nullptr);
    for (size_t i = 0; i < all_.size(); ++i) Take();
    size_t count = 0;
    for (const auto& follower : all_) count += follower->response.flow().uuid() == uuid ? 1 : 0;
    return count;
  }

 private:
  void Take() {
    void* tag = nullptr;
    bool ok = false;
    REQUIRE(queue_.Next(&tag, &ok));
  }

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<observer::Observer::Stub>> stubs_;
  std::vector<std::unique_ptr<Follower>> all_;
};

TEST_CASE("a thousand followers get every flow", "[observer]") {
  ServerFixture fixture;
  fixture.ring.AddFlow("u0", 0);
  fixture.Start();
  {
    Followers followers("unix:" + fixture.options.socket_path, /*connections=*/10,
                        /*streams=*/1000);
    CHECK(followers.ReadEach("u0") == 1000);
    for (int i = 1; i <= 3; ++i) {
      const std::string uuid = "u" + std::to_string(i);
      fixture.ring.AddFlow(uuid, i);
      fixture.server->NotifyAppended();
      CHECK(followers.ReadEach(uuid) == 1000);
    }
    CHECK(fixture.OpenStreams().size() == 1000);
  }
  fixture.WaitUntilClosed();
}

TEST_CASE("a connection has no more streams than it may", "[observer]") {
  ServerFixture fixture;
  fixture.options.max_streams_per_client = 2;
  fixture.ring.AddFlow("u0", 0);
  fixture.Start();
  Client client("unix:" + fixture.options.socket_path);
  FlowCall first(&client, FollowFlows());
  FlowCall second(&client, FollowFlows());
  CHECK(first.Next() == "u0");
  CHECK(second.Next() == "u0");
  std::string third_got;
  std::thread third([&] {  // blocks until there is room
    FlowCall call(&client, LastFlows(1));
    third_got = call.ReadAll();
  });
  CHECK(fixture.OpenStreams().size() == 2);
  first.context().TryCancel();
  third.join();
  CHECK(third_got == "u0 ");
  second.context().TryCancel();
}

TEST_CASE("garbage on a connection harms no other", "[observer]") {
  ServerFixture fixture;
  fixture.options.listen_addresses = {FreeLoopbackAddress()};
  fixture.options.handshake_timeout = absl::Seconds(1);
  fixture.ring.AddFlow("u0", 0);
  fixture.Start();
  const std::string& address = fixture.options.listen_addresses.front();
  Client client(address);
  FlowCall follower(&client, FollowFlows());
  CHECK(follower.Next() == "u0");

  std::mt19937 random(5);
  std::string noise(4096, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  const std::string garbage[] = {
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      noise,
      std::string(kHttp2Preface) + noise,
      std::string(kHttp2Preface) + "\xff\xff\xff" + std::string(60, '\xff'),  // a frame of 16 MB
      std::string(kHttp2Preface) + Frame(kSettings, 0, 0, "") +               // settings
          Frame(kHeaders, 4, 1, noise.substr(0, 512)),                        // headers
      std::string(kHttp2Preface) + Frame(kSettings, 0, 0, "") +               //
          Frame(kContinuation, 4, 1, "continuation of nothing"),
  };
  std::vector<std::unique_ptr<RawConnection>> connections;
  for (const std::string& bytes : garbage) {
    connections.push_back(std::make_unique<RawConnection>(address));
    connections.back()->Send(bytes);
  }
  fixture.ring.AddFlow("u1", 1);
  fixture.server->NotifyAppended();
  CHECK(follower.Next() == "u1");
  follower.context().TryCancel();
  // Of the last two the beginning is right, so that only one of their streams is wrong.
  for (size_t i = 0; i + 2 < connections.size(); ++i) {
    INFO("garbage " << i);
    CHECK(connections[i]->WaitForEnd());
  }
}

TEST_CASE("connections that say nothing keep nobody waiting", "[observer]") {
  ServerFixture fixture;
  fixture.options.listen_addresses = {FreeLoopbackAddress()};
  fixture.options.handshake_timeout = absl::Seconds(1);
  fixture.ring.AddFlow("u0", 0);
  fixture.Start();
  const std::string& address = fixture.options.listen_addresses.front();
  std::vector<std::unique_ptr<RawConnection>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<RawConnection>(address));
    silent.back()->Send(std::string(kHttp2Preface).substr(0, static_cast<size_t>(i) % 24));
  }
  Client client(address);
  FlowCall call(&client, LastFlows(1));
  CHECK(call.ReadAll() == "u0 ");
  CHECK(call.Finish().ok());
  for (const auto& connection : silent) CHECK(connection->WaitForEnd());
}

TEST_CASE("headers of a call have a limit that relay's clients stay below", "[observer]") {
  ServerFixture fixture;
  fixture.ring.AddFlow("u1", 1);
  fixture.Start();
  const auto ask_with_header = [&](size_t bytes) {
    grpc::ClientContext context;
    Client::SetDeadline(&context);
    context.AddMetadata("x-anything", std::string(bytes, 'x'));
    observer::ServerStatusResponse response;
    return fixture.client->observer->ServerStatus(&context, {}, &response).error_code();
  };
  CHECK(ask_with_header(32 << 10) == grpc::StatusCode::OK);
  CHECK(ask_with_header(128 << 10) != grpc::StatusCode::OK);
  // The connection may go with the call; another is not concerned.
  Client other("unix:" + fixture.options.socket_path);
  FlowCall call(&other, LastFlows(1));
  CHECK(call.ReadAll() == "u1 ");
}

TEST_CASE("large and wild filters are judged or refused", "[observer]") {
  ServerFixture fixture;
  fixture.ring.AddFlows(1, 200);
  fixture.Start();
  observer::GetFlowsRequest thousand;
  for (int i = 1; i <= 1000; ++i) {
    flow::FlowFilter* filter = thousand.add_whitelist();
    filter->add_uuid("u" + std::to_string(i));
    filter->add_source_pod("even/");
    filter->add_source_label("a" + std::to_string(i) + "!=b");
    thousand.add_blacklist()->add_http_path("^/" + std::to_string(i) + "(a*)*b$");
  }
  FlowCall many(&*fixture.client, thousand);
  const std::string flows = many.ReadAll();
  CHECK(std::count(flows.begin(), flows.end(), ' ') == 100);
  CHECK(many.Finish().ok());

  for (const std::string& pattern :
       {std::string("((((((a{100}){100}){100}){100}){100}){100})"), std::string(1 << 20, '('),
        "(" + std::string(1 << 20, '|') + ")", std::string("(?:x{1000}){1000}"),
        std::string("[\xff-\xfe]"), std::string("a**")}) {
    observer::GetFlowsRequest request;
    request.add_whitelist()->add_http_url(pattern);
    FlowCall call(&*fixture.client, request);
    CHECK(call.ReadAll().empty());
    const grpc::StatusCode code = call.Finish().error_code();
    // RE2 takes some of these; nothing has a URL here. What is no UTF-8 is no text for protobuf.
    INFO("pattern " << pattern.substr(0, 20) << " code " << code);
    CHECK((code == grpc::StatusCode::OK || code == grpc::StatusCode::UNKNOWN ||
           code == grpc::StatusCode::INTERNAL));
  }

  observer::GetFlowsRequest masks;
  for (int i = 0; i < 50'000; ++i) masks.mutable_field_mask()->add_paths("source.pod_name");
  masks.mutable_field_mask()->add_paths("source" + std::string(100'000, '.'));
  FlowCall masked(&*fixture.client, masks);
  CHECK(masked.ReadAll().empty());
  CHECK(masked.Finish().error_message() == "invalid fieldmask");
}

}  // namespace
}  // namespace alidade
