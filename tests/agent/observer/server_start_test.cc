// SPDX-License-Identifier: Apache-2.0
//
// What a server binds, and what it leaves alone.
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/agent/observer/server_fixture.h"

namespace alidade {
namespace {

TEST_CASE("the socket is for its owner and group", "[observer]") {
  ServerFixture fixture;
  fixture.options.socket_path = fixture.folder / "missing/deeper/hubble.sock";
  fixture.Start();
  struct stat status {};
  REQUIRE(stat(fixture.options.socket_path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0660);
  const group* entry = getgrnam("alidade");
  if (entry != nullptr && geteuid() == 0) CHECK(status.st_gid == entry->gr_gid);
}

TEST_CASE("the socket has the group and mode that are asked for", "[observer]") {
  ServerFixture fixture;
  std::string warning;
  fixture.options.on_warning = [&](const std::string& line) { warning = line; };
  const group* own = getgrgid(getegid());
  REQUIRE(own != nullptr);
  fixture.options.socket_access = {own->gr_name, 0666};
  fixture.Start();
  struct stat status {};
  REQUIRE(stat(fixture.options.socket_path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0666);
  CHECK(status.st_gid == getegid());
  CHECK(warning.empty());
}

TEST_CASE("a group that is not there leaves the socket to its owner", "[observer]") {
  ServerFixture fixture;
  std::string warning;
  fixture.options.on_warning = [&](const std::string& line) { warning = line; };
  fixture.options.socket_access = {"no-such-group", 0666};
  fixture.Start();
  struct stat status {};
  REQUIRE(stat(fixture.options.socket_path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(warning == "there is no group no-such-group; the socket is for its owner only");
}

// Binds a socket at `path` and listens if told to; a file is left behind.
int BindSocket(const std::string& path, bool listening) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  if (listening) REQUIRE(listen(fd, 1) == 0);
  return fd;
}

TEST_CASE("a live socket is left alone, a dead one is replaced", "[observer]") {
  ServerFixture fixture;
  const int fd = BindSocket(fixture.options.socket_path, /*listening=*/true);
  const auto started =
      ObserverServer::Start(fixture.options, fixture.ring.ring(), fixture.ledger, {});
  CHECK(started.status().code() == absl::StatusCode::kAlreadyExists);
  CHECK(AsView(started.status().message()) ==
        Concat("another server answers on ", fixture.options.socket_path, "; it is left alone"));
  CHECK(std::filesystem::exists(fixture.options.socket_path));
  close(fd);
  fixture.Start();
  FlowCall call(&*fixture.client, LastFlows(1));
  CHECK(call.ReadAll().empty());
  CHECK(call.Finish().ok());
}

TEST_CASE("a file that is no socket is not removed", "[observer]") {
  ServerFixture fixture;
  std::filesystem::create_directory(fixture.options.socket_path);
  const auto started =
      ObserverServer::Start(fixture.options, fixture.ring.ring(), fixture.ledger, {});
  CHECK(AsView(started.status().message()) ==
        Concat(fixture.options.socket_path, " exists and is not a socket"));
  fixture.options.socket_path = fixture.folder / std::string(120, 'x').c_str();
  CHECK(ObserverServer::Start(fixture.options, fixture.ring.ring(), fixture.ledger, {})
            .status()
            .code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("a busy port is an error that names it", "[observer]") {
  const TakenPort taken;
  ServerFixture fixture;
  fixture.options.listen_addresses = {taken.address()};
  const auto started =
      ObserverServer::Start(fixture.options, fixture.ring.ring(), fixture.ledger, {});
  CHECK(AsView(started.status().message()) ==
        Concat("cannot listen on ", taken.address(), ": Address already in use"));
  CHECK_FALSE(std::filesystem::exists(fixture.options.socket_path));
}

TEST_CASE("two servers do not share a port", "[observer]") {
  const std::string address = FreeLoopbackAddress();
  ServerFixture first;
  first.options.listen_addresses = {address};
  first.Start();
  ServerFixture second;
  second.options.listen_addresses = {address};
  CHECK_FALSE(ObserverServer::Start(second.options, second.ring.ring(), second.ledger, {}).ok());

  Client tcp(address);
  FlowCall call(&tcp, LastFlows(1));
  CHECK(call.ReadAll().empty());
  CHECK(call.Finish().ok());
}

TEST_CASE("an address open to others needs a flag", "[observer]") {
  ServerFixture fixture;
  for (const char* address : {":4244", "0.0.0.0:4244", "[::]:4244", "192.0.2.1:4244"}) {
    fixture.options.listen_addresses = {address};
    const auto started =
        ObserverServer::Start(fixture.options, fixture.ring.ring(), fixture.ledger, {});
    CHECK(started.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(AsView(started.status().message())
              .starts_with(Concat("listen address ", address, " is open to other hosts")));
  }
}

}  // namespace
}  // namespace alidade
