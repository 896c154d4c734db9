// SPDX-License-Identifier: Apache-2.0
//
// Calls over a unix socket, from a client's side.
#include "agent/observer/server.h"

#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "tests/agent/observer/server_fixture.h"

namespace alidade {
namespace {

TEST_CASE("stored flows are served and the call ends", "[observer]") {
  ServerFixture fixture;
  fixture.ring.AddFlows(1, 3000);
  fixture.Start();
  FlowCall last(&*fixture.client, LastFlows(3));
  CHECK(last.ReadAll() == "u2998 u2999 u3000 ");
  CHECK(last.Finish().ok());
  CHECK(last.context().GetServerInitialMetadata().count("hubble-server-version") == 1);

  FlowCall all(&*fixture.client, LastFlows(0));
  for (int i = 1; i <= 3000; ++i) CHECK(all.Next() == "u" + std::to_string(i));
  CHECK_FALSE(all.Next());
  CHECK(all.Finish().ok());
}

TEST_CASE("a follower gets flows as they are appended", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  FlowCall follow(&*fixture.client, FollowFlows());
  follow.WaitForHeaders();
  for (int i = 1; i <= 300; ++i) {
    fixture.ring.AddFlows(i, i);
    fixture.server->NotifyAppended();
    REQUIRE(follow.Next() == "u" + std::to_string(i));
  }
  fixture.ring.AddFlows(301, 2000);
  fixture.server->NotifyAppended();
  for (int i = 301; i <= 2000; ++i) REQUIRE(follow.Next() == "u" + std::to_string(i));

  const std::vector<ClientStatus> streams = fixture.OpenStreams();
  REQUIRE(streams.size() == 1);
  CHECK(streams[0].method() == "GetFlows");
  CHECK(streams[0].delivered() == 2000);
  CHECK(streams[0].lost() == 0);
}

TEST_CASE("nothing is overlooked while a follower falls asleep", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  FlowCall follow(&*fixture.client, FollowFlows());
  follow.WaitForHeaders();
  constexpr int kFlows = 3000;
  std::thread writer([&] {
    for (int i = 1; i <= kFlows; ++i) {
      fixture.ring.AddFlows(i, i);
      fixture.server->NotifyAppended();
      if (i % 7 == 0) std::this_thread::yield();
    }
  });
  for (int i = 1; i <= kFlows; ++i) REQUIRE(follow.Next() == "u" + std::to_string(i));
  writer.join();
}

TEST_CASE("a client that hangs up leaves nothing behind", "[observer]") {
  ServerFixture fixture;
  fixture.ring.AddFlows(1, 4000);
  fixture.Start();
  FlowCall waiting(&*fixture.client, FollowFlows());
  waiting.WaitForHeaders();
  auto busy = std::make_unique<FlowCall>(&*fixture.client, LastFlows(0));
  CHECK(busy->Next() == "u1");
  CHECK_FALSE(fixture.OpenStreams().empty());
  waiting.context().TryCancel();
  busy->context().TryCancel();
  while (busy->Next()) {
  }
  CHECK(busy->Finish().error_code() == grpc::StatusCode::CANCELLED);
  fixture.WaitUntilClosed();
}

TEST_CASE("a client that does not read falls behind and is told by how much", "[observer]") {
  ServerFixture fixture(63);
  fixture.Start();
  FlowCall follow(&*fixture.client, FollowFlows());
  follow.WaitForHeaders();
  constexpr int kFlows = 30000;  // more than the windows and buffers on the way hold
  for (int i = 1; i <= kFlows; ++i) {
    fixture.ring.AddFlows(i, i);
    fixture.server->NotifyAppended();
  }
  int seen = 0;
  int lost = 0;
  int newest = 0;
  while (newest < kFlows) {
    const std::optional<std::string> name = follow.Next();
    REQUIRE(name);
    if (name->starts_with("lost ")) {
      lost += std::stoi(name->substr(5));
      continue;
    }
    ++seen;
    newest = std::stoi(name->substr(1));
    REQUIRE(seen + lost == newest);
  }
  CHECK(lost > 0);
}

TEST_CASE("a wrong request ends with the code and words that clients expect", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  const auto error_of = [&](const observer::GetFlowsRequest& request) {
    FlowCall call(&*fixture.client, request);
    CHECK_FALSE(call.Next());
    const grpc::Status status = call.Finish();
    CHECK(call.context().GetServerInitialMetadata().count("hubble-server-version") == 1);
    return status;
  };
  observer::GetFlowsRequest request = FollowFlows();
  request.set_first(true);
  request.add_whitelist()->add_source_ip("x");
  grpc::Status status = error_of(request);
  CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  CHECK(status.error_message() == "first cannot be specified with follow");

  request.set_first(false);
  request.mutable_since()->set_nanos(-1);
  status = error_of(request);
  CHECK(status.error_code() == grpc::StatusCode::UNKNOWN);
  CHECK(status.error_message() ==
        "invalid IP address \"x\" in filter: ParseAddr(\"x\"): unable to parse IP");

  request.clear_whitelist();
  request.mutable_field_mask()->add_paths("nope");
  CHECK(error_of(request).error_message() == "proto: timestamp (nanos:-1) has out-of-range nanos");
  request.clear_since();
  CHECK(error_of(request).error_message() == "invalid fieldmask");
}

TEST_CASE("garbage and giants are refused", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  std::string response;
  CHECK(
      fixture.client->CallRaw("/observer.Observer/GetFlows", "\x0a\xff", &response).error_code() ==
      grpc::StatusCode::INTERNAL);
  CHECK(
      fixture.client->CallRaw("/observer.Observer/GetFlows", std::string(10 << 20, 'x'), &response)
          .error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
  CHECK(response.empty());
  fixture.WaitUntilClosed();
}

TEST_CASE("unknown methods and services are named", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  const struct {
    const char* path;
    const char* message;
  } cases[] = {
      {"/observer.Observer/Nope", "unknown method Nope for service observer.Observer"},
      {"/peer.Peer/Nope", "unknown method Nope for service peer.Peer"},
      {"/recorder.Recorder/Record", "unknown service recorder.Recorder"},
  };
  for (const auto& one : cases) {
    std::string response;
    const grpc::Status status = fixture.client->CallRaw(one.path, "", &response);
    CHECK(status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
    CHECK(status.error_message() == one.message);
  }
}

TEST_CASE("the unary methods answer", "[observer]") {
  ServerFixture fixture(7);
  fixture.ring.AddFlows(1, 9);
  fixture.ledger.stored.Add(9);
  fixture.ledger.flows.Add(8);
  fixture.ledger.received.Add(11);
  fixture.ledger.decode_errors[static_cast<size_t>(DecodeError::kUnknownVersion)].Add(2);
  Endpoint endpoint;
  endpoint.info.namespace_name = "shop";
  fixture.ledger.namespaces.Note(&endpoint, absl::GetCurrentTimeNanos());
  fixture.Start();

  grpc::ClientContext status_context;
  observer::ServerStatusResponse status;
  REQUIRE(fixture.client->observer->ServerStatus(&status_context, {}, &status).ok());
  CHECK(status.num_flows() == 7);
  CHECK(status.max_flows() == 7);
  CHECK(status.seen_flows() == 8);
  CHECK(status.uptime_ns() > 0);
  CHECK(status.version() == "alidade v0.1.0");
  CHECK_FALSE(status.has_num_connected_nodes());
  CHECK(status_context.GetServerInitialMetadata().count("hubble-server-version") == 1);

  grpc::ClientContext nodes_context;
  observer::GetNodesResponse nodes;
  const grpc::Status nodes_status = fixture.client->observer->GetNodes(&nodes_context, {}, &nodes);
  CHECK(nodes_status.error_code() == grpc::StatusCode::UNIMPLEMENTED);
  CHECK(nodes_status.error_message() == "GetNodes not implemented");

  grpc::ClientContext namespaces_context;
  observer::GetNamespacesResponse namespaces;
  REQUIRE(fixture.client->observer->GetNamespaces(&namespaces_context, {}, &namespaces).ok());
  REQUIRE(namespaces.namespaces_size() == 1);
  CHECK(namespaces.namespaces(0).namespace_() == "shop");
  CHECK(namespaces.namespaces(0).cluster() == "c1");

  grpc::ClientContext agent_context;
  GetStatusResponse agent;
  REQUIRE(fixture.client->agent->GetStatus(&agent_context, {}, &agent).ok());
  CHECK(agent.source() == "test");
  CHECK(agent.node_name() == "c1/node-1");
  CHECK(agent.ledger().emitted() == 12);
  CHECK(agent.ledger().kernel_ring_lost() == 3);
  CHECK(agent.ledger().received() == 11);
  CHECK(agent.ledger().stored() == 9);
  REQUIRE(agent.ledger().decode_errors_size() == 1);
  CHECK(agent.ledger().decode_errors(0).value() == 2);
}

TEST_CASE("agent and debug events are streams of their own", "[observer]") {
  ServerFixture fixture;
  fixture.ring.AddFlow("u1", 1);
  fixture.ring.AddAgentEvent(2);
  fixture.ring.AddDebugEvent(3);
  fixture.ring.AddFlow("u4", 4);
  fixture.Start();

  grpc::ClientContext agent_context;
  Client::SetDeadline(&agent_context);
  observer::GetAgentEventsRequest agent_request;
  agent_request.set_number(1);
  const auto agents = fixture.client->observer->GetAgentEvents(&agent_context, agent_request);
  observer::GetAgentEventsResponse agent;
  REQUIRE(agents->Read(&agent));
  CHECK(agent.agent_event().type() == flow::AGENT_STARTED);
  CHECK(agent.node_name() == "c1/node-1");
  CHECK(agent.time().seconds() == 2);
  CHECK_FALSE(agents->Read(&agent));
  CHECK(agents->Finish().ok());
  CHECK(agent_context.GetServerInitialMetadata().count("hubble-server-version") == 1);

  grpc::ClientContext debug_context;
  Client::SetDeadline(&debug_context);
  observer::GetDebugEventsRequest debug_request;
  debug_request.set_follow(true);
  debug_request.set_number(20);
  const auto debugs = fixture.client->observer->GetDebugEvents(&debug_context, debug_request);
  observer::GetDebugEventsResponse debug;
  REQUIRE(debugs->Read(&debug));
  CHECK(debug.debug_event().message() == "debug 3");
  CHECK(debug.time().seconds() == 3);
  fixture.ring.AddFlow("u5", 5);
  fixture.ring.AddDebugEvent(6);
  fixture.server->NotifyAppended();
  REQUIRE(debugs->Read(&debug));
  CHECK(debug.debug_event().message() == "debug 6");
  debug_context.TryCancel();
}

TEST_CASE("peers are told of this node, and the stream stays open", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  grpc::ClientContext context;
  Client::SetDeadline(&context);
  const auto reader = fixture.client->peer->Notify(&context, {});
  peer::ChangeNotification added;
  REQUIRE(reader->Read(&added));
  CHECK(added.name() == "c1/node-1");
  CHECK(added.address() == "unix://" + fixture.options.socket_path);
  CHECK(added.type() == peer::PEER_ADDED);
  CHECK_FALSE(added.has_tls());
  context.TryCancel();
  CHECK_FALSE(reader->Read(&added));
  CHECK(reader->Finish().error_code() == grpc::StatusCode::CANCELLED);
}

TEST_CASE("health is asked for by the names that Hubble's clients use", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  using grpc::health::v1::HealthCheckResponse;
  const auto check = [&](const std::string& name, HealthCheckResponse* response) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(name);
    std::string bytes;
    const grpc::Status status = fixture.client->CallRaw("/grpc.health.v1.Health/Check",
                                                        request.SerializeAsString(), &bytes);
    REQUIRE(response->ParseFromString(bytes));
    return status;
  };
  HealthCheckResponse response;
  for (const auto status : {HealthCheckResponse::NOT_SERVING, HealthCheckResponse::SERVING}) {
    for (const char* name : {"", "hubble.server.Observer"}) {
      CHECK(check(name, &response).ok());
      CHECK(response.status() == status);
    }
    fixture.server->SetServing();
  }
  const grpc::Status unknown = check("observer.Observer", &response);
  CHECK(unknown.error_code() == grpc::StatusCode::NOT_FOUND);
  CHECK(unknown.error_message() == "unknown service");
}

TEST_CASE("a watch of the health is told when the server begins to serve", "[observer]") {
  using namespace grpc::health::v1;
  ServerFixture fixture;
  fixture.Start();
  const auto stub = Health::NewStub(grpc::CreateChannel("unix:" + fixture.options.socket_path,
                                                        grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  Client::SetDeadline(&context);
  const auto reader = stub->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  REQUIRE(reader->Read(&response));
  CHECK(response.status() == HealthCheckResponse::NOT_SERVING);
  fixture.server->SetServing();
  REQUIRE(reader->Read(&response));
  CHECK(response.status() == HealthCheckResponse::SERVING);
  context.TryCancel();
  CHECK(reader->Finish().error_code() == grpc::StatusCode::CANCELLED);
}

TEST_CASE("reflection of both versions lists the services", "[observer]") {
  ServerFixture fixture;
  fixture.Start();
  grpc::reflection::v1::ServerReflectionRequest request;
  request.set_list_services("");
  for (const char* version : {"v1", "v1alpha"}) {
    std::string bytes;
    REQUIRE(fixture.client
                ->CallRaw(
                    Concat("/grpc.reflection.", version, ".ServerReflection/ServerReflectionInfo"),
                    request.SerializeAsString(), &bytes)
                .ok());
    grpc::reflection::v1::ServerReflectionResponse response;
    REQUIRE(response.ParseFromString(bytes));
    std::vector<std::string> names;
    for (const auto& service : response.list_services_response().service()) {
      names.push_back(service.name());
    }
    CHECK(names == std::vector<std::string>{"alidade.Agent", "grpc.health.v1.Health",
                                            "grpc.reflection.v1.ServerReflection",
                                            "grpc.reflection.v1alpha.ServerReflection",
                                            "observer.Observer", "peer.Peer"});
  }
}

TEST_CASE("at shutdown streams end with UNAVAILABLE, and in time", "[observer]") {
  ServerFixture fixture(63);
  fixture.ring.AddFlows(1, 1);
  fixture.Start();
  FlowCall waiting(&*fixture.client, FollowFlows());
  CHECK(waiting.Next() == "u1");
  FlowCall slow(&*fixture.client, FollowFlows());
  CHECK(slow.Next() == "u1");
  for (int i = 2; i <= 20000; ++i) {
    fixture.ring.AddFlows(i, i);
    fixture.server->NotifyAppended();
  }
  const absl::Time start = absl::Now();
  fixture.server->Shutdown(absl::Seconds(1));
  CHECK(absl::Now() - start < absl::Seconds(5));
  waiting.ReadAll();
  CHECK(waiting.Finish().error_code() == grpc::StatusCode::UNAVAILABLE);
  CHECK_FALSE(std::filesystem::exists(fixture.options.socket_path));
  fixture.server->NotifyAppended();
  fixture.server->Shutdown(absl::ZeroDuration());
}

}  // namespace
}  // namespace alidade
