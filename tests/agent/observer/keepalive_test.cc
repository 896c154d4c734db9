// SPDX-License-Identifier: Apache-2.0
//
// Connections on which nothing happens: they are kept alive through load balancers, and given up
// when nobody is at their other end any more.
#include <string>
#include <utility>

#include "tests/agent/observer/raw_connection.h"
#include "tests/agent/observer/server_fixture.h"

namespace alidade {
namespace {

// A header field as a literal that is not indexed (RFC 7541 section 6.2.2).
std::string Field(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name +
         static_cast<char>(value.size()) + value;
}

// The bytes by which a client opens a connection and follows flows on it.
std::string OpenAndFollow() {
  constexpr uint8_t kEndHeaders = 4;
  constexpr uint8_t kEndStream = 1;
  const std::string headers = Field(":method", "POST") + Field(":scheme", "http") +
                              Field(":path", "/observer.Observer/GetFlows") +
                              Field(":authority", "test") + Field("te", "trailers") +
                              Field("content-type", "application/grpc");
  const std::string request = FollowFlows().SerializeAsString();
  const std::string message =
      std::string(4, '\0') + static_cast<char>(request.size()) + request;  // not compressed
  return kHttp2Preface + Frame(kSettings, 0, 0, "") + Frame(kHeaders, kEndHeaders, 1, headers) +
         Frame(kData, kEndStream, 1, message);
}

struct IdleFixture : ServerFixture {
  IdleFixture() {
    options.listen_addresses = {FreeLoopbackAddress()};
    options.keepalive_time = absl::Milliseconds(200);
    options.keepalive_timeout = absl::Seconds(1);
    ring.AddFlow("u0", 0);
    Start();
  }
  const std::string& address() const { return options.listen_addresses.front(); }
};

TEST_CASE("a follower that has nothing to say is asked for, and stays when it answers",
          "[observer]") {
  IdleFixture fixture;
  RawConnection connection(fixture.address());
  connection.Send(OpenAndFollow());
  int pings = 0;
  bool has_new_flow = false;
  while (!has_new_flow) {
    const auto frame = connection.NextFrame();
    REQUIRE(frame);
    REQUIRE(frame->type != kGoAway);
    if (frame->type == kPing && (frame->flags & kAck) == 0) {
      connection.Send(Frame(kPing, kAck, 0, frame->payload));
      // Nothing but pings for longer than it takes to give up somebody who does not answer them.
      if (++pings == 8) {
        fixture.ring.AddFlow("u1", 1);
        fixture.server->NotifyAppended();
      }
    }
    has_new_flow = frame->type == kData && frame->payload.find("u1") != std::string::npos;
  }
  CHECK(pings >= 8);
  CHECK(fixture.OpenStreams().size() == 1);
}

TEST_CASE("a follower that does not answer is given up, and its stream ends", "[observer]") {
  IdleFixture fixture;
  RawConnection connection(fixture.address());
  connection.Send(OpenAndFollow());
  int pings = 0;
  while (const auto frame = connection.NextFrame()) {
    if (frame->type == kPing && (frame->flags & kAck) == 0) ++pings;
  }
  CHECK(connection.is_over());
  CHECK(pings == 1);
  fixture.WaitUntilClosed();
}

TEST_CASE("a client that asks too often is told so", "[observer]") {
  constexpr char kEnhanceYourCalm = 11;  // RFC 9113 section 7
  IdleFixture fixture;
  RawConnection connection(fixture.address());
  std::string bytes = OpenAndFollow();
  for (int i = 0; i < 10; ++i) bytes += Frame(kPing, 0, 0, "12345678");
  connection.Send(bytes);
  std::string goodbye;
  while (const auto frame = connection.NextFrame()) {
    if (frame->type == kGoAway) goodbye = frame->payload;
  }
  CHECK(connection.is_over());
  REQUIRE(goodbye.size() > 8);
  CHECK(goodbye[7] == kEnhanceYourCalm);
  CHECK(goodbye.substr(8) == "too_many_pings");
  fixture.WaitUntilClosed();
}

}  // namespace
}  // namespace alidade
