// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/process_table.h"

#include <google/protobuf/struct.pb.h>

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <string>
#include <utility>

#include "tests/support/allocation_counter.h"

namespace alidade {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class FakeOwners : public SocketOwnerSource {
 public:
  bool FindOwner(uint64_t cookie, SocketOwner* owner) const override {
    ++asked;
    const auto found = sockets.find(cookie);
    if (found == sockets.end()) return false;
    *owner = found->second;
    return true;
  }
  bool FindProcess(const SocketOwner& owner, Process* process) const override {
    const auto found = names.find(owner.pid);
    if (found == names.end()) return false;
    process->command = found->second;
    process->executable = "/usr/bin/" + found->second;
    return true;
  }
  bool FindCgroup(uint64_t id, std::string* path) const override {
    *path = "/docker/" + std::string(63, 'a') + std::to_string(id);
    return true;
  }

  std::map<uint64_t, SocketOwner> sockets;
  std::map<uint32_t, std::string> names;
  mutable int asked = 0;
};

FlowRecord Of(ProcessTable* table, uint64_t cookie, int64_t now_ns) {
  FlowRecord record;
  record.socket_cookie = cookie;
  table->Attribute(&record, now_ns);
  return record;
}

// A packet from 10.0.0.1:40000 to 192.0.2.1:443 of the socket `cookie`.
FlowRecord Request(uint64_t cookie) {
  FlowRecord request;
  request.type = flow::L3_L4;
  request.socket_cookie = cookie;
  request.packet.ip.source = *IpAddress::Parse("10.0.0.1");
  request.packet.ip.destination = *IpAddress::Parse("192.0.2.1");
  request.packet.l4.protocol = L4Protocol::kTcp;
  request.packet.l4.source_port = 40000;
  request.packet.l4.destination_port = 443;
  return request;
}

// A packet of the other way, without a socket.
FlowRecord Answer() {
  FlowRecord answer = Request(0);
  std::swap(answer.packet.ip.source, answer.packet.ip.destination);
  std::swap(answer.packet.l4.source_port, answer.packet.l4.destination_port);
  return answer;
}

// What the process found for `record` is shown with under `key`; empty when there is none.
std::string TextOf(const FlowRecord& record, const char* key) {
  google::protobuf::Struct entries;
  const EncodedProcess* process = record.extension.process;
  if (process == nullptr || !entries.ParseFromString(process->wire)) return "";
  return entries.fields().contains(key) ? entries.fields().at(key).string_value() : "";
}

}  // namespace

TEST_CASE("a flow of a socket gets all that is known of its process", "[resolve]") {
  FakeOwners owners;
  owners.sockets[5] = {.pid = 42, .exec_id = 1, .start_time = 7, .cgroup_id = 3};
  owners.names[42] = "curl";
  ProcessTable table(owners);
  const FlowRecord record = Of(&table, 5, kSecond);
  CHECK(record.extension.pid == 42);
  CHECK(record.extension.comm.empty());
  CHECK(TextOf(record, "command") == "curl");
  CHECK(TextOf(record, "executable") == "/usr/bin/curl");
  CHECK(TextOf(record, "cgroup") == "/docker/" + std::string(63, 'a') + "3");
  CHECK(TextOf(record, "container_id") == std::string(63, 'a') + "3");
}

TEST_CASE("a flow without a socket, or of a socket of nobody, says nothing of a process",
          "[resolve]") {
  FakeOwners owners;
  ProcessTable table(owners);
  CHECK(Of(&table, 0, kSecond).extension.pid == 0);
  CHECK(owners.asked == 0);
  CHECK(Of(&table, 5, kSecond).extension.pid == 0);
}

TEST_CASE("a packet that came in is of the socket that speaks the other way", "[resolve]") {
  FakeOwners owners;
  owners.sockets[5] = {.pid = 42, .start_time = 7};
  owners.names[42] = "curl";
  ProcessTable table(owners);
  FlowRecord request = Request(5);
  FlowRecord answer = Answer();

  FlowRecord early = answer;
  table.Attribute(&early, kSecond);
  CHECK(early.extension.pid == 0);
  table.Attribute(&request, kSecond);
  FlowRecord other = answer;
  other.packet.l4.destination_port = 40001;
  table.Attribute(&other, kSecond);
  CHECK(other.extension.pid == 0);
  table.Attribute(&answer, kSecond);
  CHECK(TextOf(answer, "command") == "curl");
  CHECK(answer.socket_cookie == 0);
}

TEST_CASE("counts without a packet are of the socket that sent, or that answers", "[resolve]") {
  FakeOwners owners;
  owners.sockets[5] = {.pid = 42, .start_time = 7};
  owners.names[42] = "curl";
  ProcessTable table(owners);
  FlowRecord request = Request(5);
  table.Attribute(&request, kSecond);

  FlowRecord plain = Request(0);
  table.Attribute(&plain, kSecond);
  CHECK(plain.extension.pid == 0);
  FlowRecord counts = Request(0);
  counts.extension.counts_only = true;
  table.Attribute(&counts, kSecond);
  CHECK(TextOf(counts, "command") == "curl");
  FlowRecord back = Answer();
  back.extension.counts_only = true;
  table.Attribute(&back, kSecond);
  CHECK(TextOf(back, "command") == "curl");
}

TEST_CASE("a socket is asked for once, and again when a while has passed", "[resolve]") {
  FakeOwners owners;
  owners.sockets[5] = {.pid = 42, .start_time = 7};
  owners.names[42] = "curl";
  ProcessTable table(owners);
  for (int i = 0; i < 1000; ++i) Of(&table, 5, kSecond);
  CHECK(owners.asked == 1);
  owners.sockets[5] = {.pid = 43, .start_time = 8};
  owners.names[43] = "wget";
  CHECK(Of(&table, 5, kSecond).extension.pid == 42);
  CHECK(Of(&table, 5, 12 * kSecond).extension.pid == 43);
}

TEST_CASE("a socket without an owner is soon asked for again, then ever less often", "[resolve]") {
  FakeOwners owners;
  ProcessTable table(owners);
  CHECK(Of(&table, 5, kSecond).extension.pid == 0);
  owners.sockets[5] = {.pid = 42, .start_time = 7};
  owners.names[42] = "nginx";
  CHECK(Of(&table, 5, kSecond + 2'000'000).extension.pid == 42);

  owners.asked = 0;
  for (int64_t ms = 0; ms < 60'000; ++ms) Of(&table, 6, ms * 1'000'000);
  CHECK(owners.asked > 10);
  CHECK(owners.asked < 30);
}

TEST_CASE("a pid that is used again is another process", "[resolve]") {
  FakeOwners owners;
  owners.sockets[5] = {.pid = 42, .start_time = 7};
  owners.names[42] = "curl";
  ProcessTable table(owners);
  CHECK(TextOf(Of(&table, 5, kSecond), "command") == "curl");
  owners.names[42] = "wget";
  owners.sockets[6] = {.pid = 42, .start_time = 9};
  CHECK(TextOf(Of(&table, 6, kSecond), "command") == "wget");
  CHECK(TextOf(Of(&table, 5, kSecond), "command") == "curl");
}

TEST_CASE("a sock event keeps the process that it names itself", "[resolve]") {
  FakeOwners owners;
  owners.sockets[5] = {.pid = 42, .start_time = 7};
  owners.names[42] = "curl";
  ProcessTable table(owners);
  CHECK(Of(&table, 5, kSecond).extension.pid == 42);

  FlowRecord record;
  record.socket_cookie = 5;
  record.extension.pid = 43;
  record.extension.comm = "child";
  table.Attribute(&record, kSecond);
  CHECK(record.extension.pid == 43);
  CHECK(record.extension.comm == "child");
  CHECK(record.extension.process == nullptr);
  CHECK(owners.asked == 2);  // the socket may have changed hands

  owners.sockets[5] = {.pid = 43, .start_time = 8};
  owners.names[43] = "parent";
  table.Attribute(&record, kSecond);
  CHECK(record.extension.comm == "child");
  CHECK(TextOf(record, "executable") == "/usr/bin/parent");
}

TEST_CASE("more sockets and processes than there is room for cost memory of the oldest only",
          "[resolve]") {
  FakeOwners owners;
  ProcessTable table(owners);
  for (uint32_t i = 1; i <= 100'000; ++i) {
    owners.sockets[i] = {.pid = i, .start_time = i};
    owners.names[i] = "p" + std::to_string(i);
    const FlowRecord record = Of(&table, i, kSecond);
    REQUIRE(record.extension.pid == i);
  }
  CHECK(TextOf(Of(&table, 1, kSecond), "command") == "p1");
}

TEST_CASE("events of known processes allocate nothing, whatever their sockets", "[resolve]") {
  FakeOwners owners;
  owners.names[42] = "curl";
  for (uint64_t i = 1; i <= 10'000; ++i) owners.sockets[i] = {.pid = 42, .start_time = 7};
  ProcessTable table(owners);
  Of(&table, 1, kSecond);
  const size_t before = testing::allocation_count;
  for (uint64_t i = 1; i <= 10'000; ++i) Of(&table, i, kSecond);
  CHECK(testing::allocation_count == before);
}

}  // namespace alidade
