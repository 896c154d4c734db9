// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/world.h"

#include <algorithm>

#include "parser/labels.h"

namespace alidade {
namespace {

constexpr size_t kEndpointsOfGeneration = 65'536;

// The first address of the prefix of `length` bits that `address` is in.
IpAddress Masked(IpAddress address, int length) {
  const auto whole_bytes = static_cast<size_t>(length / 8);
  for (size_t i = whole_bytes; i < address.bytes.size(); ++i) {
    const int kept_bits = i == whole_bytes ? length % 8 : 0;
    address.bytes[i] &= static_cast<uint8_t>(0xff00 >> kept_bits);
  }
  return address;
}

Endpoint Finished(EndpointInfo info, uint32_t handle) {
  Endpoint endpoint;
  info.cluster_name = ClusterOf(info.labels);
  info.labels = ShownLabels(info.identity, std::move(info.labels));
  endpoint.wire = EncodeEndpoint(info);
  endpoint.info = std::move(info);
  endpoint.handle = handle;
  return endpoint;
}

}  // namespace

size_t World::PolicyKeyHash::operator()(const PolicyKey& key) const {
  const uint64_t endpoint = uint64_t{key.remote_identity} << 32 | key.endpoint_id;
  const uint64_t rest =
      uint64_t{key.port} << 16 | uint64_t{key.protocol} << 1 | (key.is_egress ? 1u : 0u);
  return std::hash<uint64_t>()((endpoint ^ rest << 24) * 0x9e3779b97f4a7c15u);
}

World::World(WorldTables tables)
    : node_name_(std::move(tables.node_name)),
      ip_tracing_option_type_(tables.ip_tracing_option_type),
      identities_(tables.identities.begin(), tables.identities.end()),
      interfaces_(std::move(tables.interfaces)),
      cgroup_addresses_(std::move(tables.cgroup_addresses)) {
  for (WorldTables::LocalEndpoint& local : tables.endpoints) {
    const auto index = static_cast<uint32_t>(locals_.size());
    for (const IpAddress& address : local.addresses) facts_[address].local = index;
    EndpointInfo shown = local.info;
    shown.workloads.clear();
    by_id_[local.info.id] = Finished(std::move(shown), ++last_handle_);
    locals_.push_back(std::move(local.info));
  }
  for (WorldTables::Pod& pod : tables.pods) {
    facts_[pod.address].pod = static_cast<uint32_t>(pods_.size());
    pods_.push_back(std::move(pod.name));
  }
  std::stable_sort(tables.ipcache.begin(), tables.ipcache.end(),
                   [](const auto& a, const auto& b) { return a.length > b.length; });
  for (const WorldTables::Prefix& prefix : tables.ipcache) {
    const IpVersion version = prefix.address.version;
    if (prefix.length == (version == IpVersion::kV4 ? 32 : 128)) {
      facts_[prefix.address].identity = prefix.identity;
      continue;
    }
    auto same = std::find_if(prefixes_.begin(), prefixes_.end(), [&](const auto& prefixes) {
      return prefixes.version == version && prefixes.length == prefix.length;
    });
    if (same == prefixes_.end()) same = prefixes_.insert(same, {version, prefix.length, {}});
    same->identities.emplace(Masked(prefix.address, prefix.length), prefix.identity);
  }
  for (const WorldTables::ServiceFrontend& frontend : tables.services) {
    services_[{frontend.address, frontend.port}] = {
        EncodeService(frontend.namespace_name, frontend.name)};
  }
  for (WorldTables::ResolvedName& resolved : tables.dns) {
    dns_[{resolved.address, resolved.endpoint_id}] = std::move(resolved.names);
  }
  for (auto& [key, rules] : tables.policies) policies_[key] = std::move(rules);
}

uint32_t World::IdentityOfPrefix(const IpAddress& address) const {
  for (const PrefixesOfLength& prefixes : prefixes_) {
    if (prefixes.version != address.version) continue;
    const auto found = prefixes.identities.find(Masked(address, prefixes.length));
    if (found != prefixes.identities.end()) return found->second;
  }
  return 0;
}

World::Owner World::OwnerOf(const IpAddress& address, const AddressFacts& facts,
                            uint32_t datapath_identity) const {
  Owner owner;
  owner.identity = datapath_identity;
  if (facts.local != AddressFacts::kNone) {
    owner.kind = OwnerKind::kLocal;
    owner.index = facts.local;
    if (datapath_identity == 0) owner.identity = locals_[owner.index].identity;
    return owner;
  }
  if (datapath_identity == 0) {
    owner.identity = facts.identity ? *facts.identity : IdentityOfPrefix(address);
  }
  if (facts.pod != AddressFacts::kNone) {
    owner.kind = OwnerKind::kPod;
    owner.index = facts.pod;
  }
  return owner;
}

EndpointInfo World::Describe(const Owner& owner) const {
  if (owner.kind == OwnerKind::kLocal) {
    EndpointInfo info = locals_[owner.index];
    info.identity = owner.identity;
    return info;
  }
  EndpointInfo info;
  info.identity = owner.identity;
  if (owner.kind == OwnerKind::kPod) {
    info.namespace_name = pods_[owner.index].namespace_name;
    info.pod_name = pods_[owner.index].pod_name;
  }
  const auto labels = identities_.find(owner.identity);
  if (labels != identities_.end()) info.labels = labels->second;
  return info;
}

const Endpoint* World::Make(const Owner& owner) const {
  const uint64_t key = owner.key();
  const auto found = made_.find(key);
  if (found != made_.end()) return found->second.get();
  if (made_.size() >= kEndpointsOfGeneration) {
    made_before_ = std::move(made_);
    made_.clear();
  }
  auto& made = made_[key];
  const auto before = made_before_.find(key);
  if (before != made_before_.end()) {
    made = std::move(before->second);
    made_before_.erase(before);
  } else {
    made = std::make_unique<Endpoint>(Finished(Describe(owner), ++last_handle_));
  }
  return made.get();
}

const Endpoint* World::Resolve(const IpAddress& address, uint32_t datapath_identity) const {
  if (!address.valid()) return Make({OwnerKind::kNobody, 0, datapath_identity});
  const auto found = facts_.find(address);
  if (found == facts_.end()) return Make(OwnerOf(address, AddressFacts(), datapath_identity));
  const AddressFacts& facts = found->second;
  if (facts.usual == nullptr) {
    const Owner owner = OwnerOf(address, facts, 0);
    facts.usual = std::make_unique<Endpoint>(Finished(Describe(owner), ++last_handle_));
  }
  const bool is_usual = datapath_identity == 0 || datapath_identity == facts.usual->info.identity;
  return is_usual ? facts.usual.get() : Make(OwnerOf(address, facts, datapath_identity));
}

const Endpoint* World::EndpointById(uint32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

const Endpoint* World::LocalEndpoint(const IpAddress& address) const {
  const auto found = facts_.find(address);
  const bool is_local = found != facts_.end() && found->second.local != AddressFacts::kNone;
  return is_local ? Resolve(address, 0) : nullptr;
}

const PodName* World::FindPod(const IpAddress& address) const {
  const auto found = facts_.find(address);
  const bool is_pod = found != facts_.end() && found->second.pod != AddressFacts::kNone;
  return is_pod ? &pods_[found->second.pod] : nullptr;
}

std::span<const std::string> World::DnsNames(uint32_t endpoint_id, const IpAddress& address) const {
  const auto found = dns_.find(NumberedAddress(address, endpoint_id));
  return found == dns_.end() ? std::span<const std::string>() : found->second;
}

const Service* World::FindService(const IpAddress& address, uint16_t port) const {
  const auto found = services_.find(NumberedAddress(address, port));
  return found == services_.end() ? nullptr : &found->second;
}

const PolicyRules* World::FindPolicy(const PolicyKey& key) const {
  const auto found = policies_.find(key);
  return found == policies_.end() ? nullptr : &found->second;
}

std::string_view World::InterfaceName(uint32_t /*netns*/, uint32_t index) const {
  const auto found = interfaces_.find(index);
  return found == interfaces_.end() ? std::string_view() : found->second;
}

// The first address of the pod that looks like the wanted family decides, even when it is none.
IpAddress World::LocalAddress(uint64_t cgroup_id, uint32_t /*netns*/,
                              const IpAddress& destination) const {
  const auto found = cgroup_addresses_.find(cgroup_id);
  if (found == cgroup_addresses_.end()) return {};
  const bool wants_v6 = destination.version == IpVersion::kV6;
  for (const std::string& text : found->second) {
    if ((text.find(':') != std::string::npos) != wants_v6) continue;
    return IpAddress::Parse(text).value_or(IpAddress());
  }
  return {};
}

std::string_view World::DropReasonName(uint32_t /*kernel_reason*/) const { return {}; }

std::string_view World::KernelSymbol(uint64_t /*address*/) const { return {}; }

}  // namespace alidade
