// SPDX-License-Identifier: Apache-2.0
#include "agent/cli/world.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"

namespace alidade {
namespace {

using Json = nlohmann::json;

constexpr char kCidrSource[] = "cidr:";
constexpr char kClusterKey[] = "io.cilium.k8s.policy.cluster=";

WorldTables::AddressKey KeyOf(const IpAddress& address) { return {address.version, address.bytes}; }

// A prefix as address and length; an address alone is its own prefix.
std::optional<WorldTables::Prefix> ParsePrefix(const std::string& text) {
  size_t slash = text.find('/');
  std::optional<IpAddress> address = IpAddress::Parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  int most = address->version == IpVersion::kV4 ? 32 : 128;
  WorldTables::Prefix prefix{*address, most, 0};
  if (slash != std::string::npos && (!absl::SimpleAtoi(text.substr(slash + 1), &prefix.length) ||
                                     prefix.length < 0 || prefix.length > most)) {
    return std::nullopt;
  }
  return prefix;
}

bool Contains(const WorldTables::Prefix& prefix, const IpAddress& address) {
  if (prefix.address.version != address.version) return false;
  auto whole_bytes = static_cast<size_t>(prefix.length / 8);
  int rest = prefix.length % 8;
  if (!std::equal(address.bytes.begin(), address.bytes.begin() + whole_bytes,
                  prefix.address.bytes.begin())) {
    return false;
  }
  return rest == 0 ||
         ((address.bytes[whole_bytes] ^ prefix.address.bytes[whole_bytes]) >> (8 - rest)) == 0;
}

// The prefix length of a `cidr:` label, where `-` stands for the colons of an IPv6 address; 0 when
// it is none, or all addresses.
int CidrLength(const std::string& label) {
  std::string text = label.substr(sizeof(kCidrSource) - 1);
  std::optional<WorldTables::Prefix> prefix = ParsePrefix(absl::StrReplaceAll(text, {{"-", ":"}}));
  return prefix ? prefix->length : 0;
}

// An identity that stands for a CIDR has a label for every prefix around it; the longest one says
// it all.
bool IsCidrScope(uint32_t identity) { return identity >> 24 == 1; }

std::vector<std::string> KeepLongestCidr(const std::vector<std::string>& labels) {
  std::vector<std::string> kept;
  std::string longest;
  int longest_length = 0;
  for (const std::string& label : labels) {
    if (!absl::StartsWith(label, kCidrSource)) {
      kept.push_back(label);
    } else if (CidrLength(label) > longest_length) {
      longest = label;
      longest_length = CidrLength(label);
    }
  }
  if (longest_length > 0) kept.push_back(longest);
  return kept;
}

std::string ClusterOf(const std::vector<std::string>& labels) {
  for (const std::string& label : labels) {
    std::string key = label.substr(label.find(':') + 1);
    if (absl::StartsWith(key, kClusterKey)) return key.substr(sizeof(kClusterKey) - 1);
  }
  return "";
}

// The elements of the member `name`; none when it is missing or null.
std::vector<Json> Elements(const Json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || found->is_null()) return {};
  return found->get<std::vector<Json>>();
}

std::vector<std::string> Texts(const Json& object, const char* name) {
  std::vector<std::string> texts;
  for (const Json& element : Elements(object, name)) texts.push_back(element.get<std::string>());
  return texts;
}

std::string Text(const Json& object, const char* name) { return object.value(name, std::string()); }

EndpointInfo ReadEndpoint(const Json& object) {
  EndpointInfo info;
  info.id = object.value("id", 0u);
  info.identity = object.value("identity", 0u);
  info.namespace_name = Text(object, "namespace");
  info.pod_name = Text(object, "pod_name");
  info.labels = Texts(object, "labels");
  if (auto workload = object.find("workload"); workload != object.end()) {
    info.workloads.push_back({Text(*workload, "name"), Text(*workload, "kind")});
  }
  return info;
}

WorldTables ReadTables(const Json& json) {
  WorldTables tables;
  tables.node_name = Text(json, "node_name");
  for (const Json& endpoint : Elements(json, "endpoints")) {
    for (const std::string& text : Texts(endpoint, "ips")) {
      if (auto address = IpAddress::Parse(text)) {
        tables.endpoints[KeyOf(*address)] = ReadEndpoint(endpoint);
      }
    }
  }
  for (const Json& identity : Elements(json, "identities")) {
    tables.identities[identity.value("id", 0u)] = Texts(identity, "labels");
  }
  for (const Json& entry : Elements(json, "ipcache")) {
    std::optional<WorldTables::Prefix> prefix = ParsePrefix(Text(entry, "prefix"));
    if (!prefix) continue;
    prefix->identity = entry.value("identity", 0u);
    tables.ipcache.push_back(*prefix);
  }
  std::stable_sort(tables.ipcache.begin(), tables.ipcache.end(),
                   [](const auto& a, const auto& b) { return a.length > b.length; });
  for (const Json& pod : Elements(json, "k8s_metadata")) {
    if (auto address = IpAddress::Parse(Text(pod, "ip"))) {
      tables.pods[KeyOf(*address)] = {Text(pod, "namespace"), Text(pod, "pod_name")};
    }
  }
  for (const Json& link : Elements(json, "links")) {
    tables.interfaces[link.value("ifindex", 0u)] = Text(link, "name");
  }
  for (const Json& cgroup : Elements(json, "cgroups")) {
    tables.cgroup_addresses[cgroup.value("cgroup_id", uint64_t{0})] = Texts(cgroup, "ips");
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

EndpointInfo World::Describe(const IpAddress& address, uint32_t datapath_identity) const {
  EndpointInfo info;
  auto local = tables_.endpoints.find(KeyOf(address));
  if (local != tables_.endpoints.end()) {
    info = local->second;
    if (datapath_identity != 0) info.identity = datapath_identity;
  } else {
    info.identity = datapath_identity;
    auto known = std::find_if(tables_.ipcache.begin(), tables_.ipcache.end(),
                              [&](const auto& prefix) { return Contains(prefix, address); });
    if (info.identity == 0 && known != tables_.ipcache.end()) info.identity = known->identity;
    if (auto pod = tables_.pods.find(KeyOf(address)); pod != tables_.pods.end()) {
      info.namespace_name = pod->second.namespace_name;
      info.pod_name = pod->second.pod_name;
    }
    auto labels = tables_.identities.find(info.identity);
    if (labels != tables_.identities.end()) info.labels = labels->second;
  }
  info.cluster_name = ClusterOf(info.labels);
  if (IsCidrScope(info.identity)) info.labels = KeepLongestCidr(info.labels);
  std::sort(info.labels.begin(), info.labels.end());
  return info;
}

const Endpoint* World::Resolve(const IpAddress& address, uint32_t datapath_identity) const {
  auto [entry, is_new] = made_.try_emplace({KeyOf(address), datapath_identity});
  Endpoint& endpoint = entry->second;
  if (is_new) {
    endpoint.info = Describe(address, datapath_identity);
    endpoint.handle = static_cast<uint32_t>(made_.size());
    endpoint.wire = EncodeEndpoint(endpoint.info);
  }
  return &endpoint;
}

std::string_view World::InterfaceName(uint32_t /*netns*/, uint32_t index) const {
  auto found = tables_.interfaces.find(index);
  return found == tables_.interfaces.end() ? std::string_view() : found->second;
}

// The first address of the pod that looks like the wanted family decides, even when it is none.
IpAddress World::LocalAddress(uint64_t cgroup_id, uint32_t /*netns*/,
                              const IpAddress& destination) const {
  auto found = tables_.cgroup_addresses.find(cgroup_id);
  if (found == tables_.cgroup_addresses.end()) return {};
  bool wants_v6 = destination.version == IpVersion::kV6;
  for (const std::string& text : found->second) {
    if (absl::StrContains(text, ":") != wants_v6) continue;
    return IpAddress::Parse(text).value_or(IpAddress());
  }
  return {};
}

std::string_view World::DropReasonName(uint32_t /*kernel_reason*/) const { return {}; }

std::string_view World::KernelSymbol(uint64_t /*address*/) const { return {}; }

}  // namespace alidade
