// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of a node's tables: it is refused with a text, or whoever is asked for is
// answered with an endpoint that protobuf accepts.
#include <cstdlib>
#include <string>

#include "agent/resolve/world_file.h"
#include "flow/flow.pb.h"

namespace alidade::testing {
namespace {

void CheckEndpoint(const Endpoint* endpoint) {
  flow::Endpoint message;
  if (endpoint != nullptr && !message.ParseFromString(endpoint->wire)) std::abort();
}

void Ask(const World& world, const std::string& text) {
  const IpAddress address = IpAddress::Parse(text).value();
  for (const uint32_t identity : {0u, 1u, 5001u}) CheckEndpoint(world.Resolve(address, identity));
  CheckEndpoint(world.LocalEndpoint(address));
  for (const std::string& name : world.DnsNames(7, address)) {
    if (name.size() > 4096) std::abort();
  }
  world.FindPod(address);
  world.FindService(address, 80);
  world.LocalAddress(1, 0, address);
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace alidade;  // NOLINT(google-build-using-namespace)
  absl::StatusOr<WorldTables> tables = ParseWorld({reinterpret_cast<const char*>(data), size});
  if (!tables.ok()) {
    if (tables.status().message().empty()) std::abort();
    return 0;
  }
  const World world(*std::move(tables));
  for (const char* address : {"10.0.0.1", "192.0.2.1", "fd00::1", "::ffff:10.0.0.1", "0.0.0.0"}) {
    testing::Ask(world, address);
  }
  testing::CheckEndpoint(world.EndpointById(7));
  PolicyKey key;
  key.endpoint_id = 7;
  world.FindPolicy(key);
  world.InterfaceName(0, 1);
  return 0;
}
