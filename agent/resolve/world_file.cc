// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/world_file.h"

#include <fstream>
#include <optional>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/recording/json_members.h"

namespace alidade {
namespace {

// A prefix as address and length; an address alone is its own prefix.
std::optional<WorldTables::Prefix> ParsePrefix(const std::string& text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int most = address->version == IpVersion::kV4 ? 32 : 128;
  WorldTables::Prefix prefix{*address, most, 0};
  if (slash != std::string::npos && (!absl::SimpleAtoi(text.substr(slash + 1), &prefix.length) ||
                                     prefix.length < 0 || prefix.length > most)) {
    return std::nullopt;
  }
  return prefix;
}

PolicyRules ReadRules(const Json& policy, uint64_t revision) {
  PolicyRules rules;
  for (const Json& labels : Elements(policy, "rule_labels")) {
    rules.policies.push_back(EncodePolicy(labels.get<std::vector<std::string>>(), revision));
  }
  rules.log = Texts(policy, "log");
  return rules;
}

void ReadPolicies(const Json& endpoint, WorldTables* tables) {
  for (const Json& policy : Elements(endpoint, "policies")) {
    PolicyKey key;
    key.endpoint_id = Integer<uint32_t>(endpoint, "id");
    key.is_egress = Text(policy, "direction") == "egress";
    key.remote_identity = Integer<uint32_t>(policy, "identity");
    key.protocol = Integer<uint8_t>(policy, "protocol");
    key.port = Integer<uint16_t>(policy, "port");
    const auto revision = Integer<uint64_t>(endpoint, "policy_revision");
    tables->policies.emplace_back(key, ReadRules(policy, revision));
  }
}

void ReadEndpoint(const Json& object, WorldTables* tables) {
  WorldTables::LocalEndpoint endpoint;
  for (const std::string& text : Texts(object, "ips")) {
    if (const auto address = IpAddress::Parse(text)) endpoint.addresses.push_back(*address);
  }
  EndpointInfo& info = endpoint.info;
  info.id = Integer<uint32_t>(object, "id");
  info.identity = Integer<uint32_t>(object, "identity");
  info.namespace_name = Text(object, "namespace");
  info.pod_name = Text(object, "pod_name");
  info.labels = Texts(object, "labels");
  if (const Json* workload = Member(object, "workload")) {
    info.workloads.push_back({Text(*workload, "name"), Text(*workload, "kind")});
  }
  tables->endpoints.push_back(std::move(endpoint));
  ReadPolicies(object, tables);
}

// Calls `read` with each element of the list `name` that has an address, and with the address.
template <typename Read>
void ForEachAddress(const Json& json, const char* name, Read read) {
  for (const Json& element : Elements(json, name)) {
    if (const auto address = IpAddress::Parse(Text(element, "ip"))) read(element, *address);
  }
}

WorldTables ReadTables(const Json& json) {
  WorldTables tables;
  tables.node_name = Text(json, "node_name");
  tables.ip_tracing_option_type = Integer<uint32_t>(json, "ip_tracing_option_type");
  for (const Json& endpoint : Elements(json, "endpoints")) ReadEndpoint(endpoint, &tables);
  for (const Json& identity : Elements(json, "identities")) {
    tables.identities[Integer<uint32_t>(identity, "id")] = Texts(identity, "labels");
  }
  for (const Json& entry : Elements(json, "ipcache")) {
    std::optional<WorldTables::Prefix> prefix = ParsePrefix(Text(entry, "prefix"));
    if (!prefix) continue;
    prefix->identity = Integer<uint32_t>(entry, "identity");
    tables.ipcache.push_back(*prefix);
  }
  ForEachAddress(json, "k8s_metadata", [&](const Json& pod, const IpAddress& address) {
    tables.pods.push_back({address, {Text(pod, "namespace"), Text(pod, "pod_name")}});
  });
  ForEachAddress(json, "services", [&](const Json& service, const IpAddress& address) {
    tables.services.push_back({address, Integer<uint16_t>(service, "port"),
                               Text(service, "namespace"), Text(service, "name")});
  });
  ForEachAddress(json, "dns", [&](const Json& entry, const IpAddress& address) {
    tables.dns.push_back({Integer<uint32_t>(entry, "endpoint_id"), address, Texts(entry, "names")});
  });
  for (const Json& link : Elements(json, "links")) {
    tables.interfaces[Integer<uint32_t>(link, "ifindex")] = Text(link, "name");
  }
  for (const Json& cgroup : Elements(json, "cgroups")) {
    tables.cgroup_addresses[Integer<uint64_t>(cgroup, "cgroup_id")] = Texts(cgroup, "ips");
  }
  return tables;
}

}  // namespace

absl::StatusOr<WorldTables> ParseWorld(const std::string& json) {
  try {
    return ReadTables(Json::parse(json));
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

absl::StatusOr<WorldTables> ReadWorldFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!(text << file.rdbuf())) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  }
  absl::StatusOr<WorldTables> tables = ParseWorld(text.str());
  if (tables.ok()) return tables;
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", std::string(tables.status().message())));
}

}  // namespace alidade
