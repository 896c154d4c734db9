// SPDX-License-Identifier: Apache-2.0
//
// A busy Cilium node for benchmarks: 250 pods here, 10,000 elsewhere, 200 services, and events of
// every kind between them. The same bytes and tables go to ours and to Cilium's own parser.
#ifndef ALIDADE_TESTS_BENCH_CILIUM_NODE_H_
#define ALIDADE_TESTS_BENCH_CILIUM_NODE_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bpf/events.h"
#include "nlohmann/json.hpp"
#include "tests/support/event_builder.h"

namespace alidade::testing {

inline constexpr int kLocalPods = 250;
inline constexpr int kRemotePods = 10'000;
inline constexpr int kIdentities = 500;
inline constexpr int kServices = 200;
inline constexpr int kEventsOfKind = 4096;

inline std::string LocalIp(int pod) { return absl::StrCat("10.0.1.", pod % kLocalPods + 1); }
inline std::string RemoteIp(int pod) {
  const int number = pod % kRemotePods;
  return absl::StrCat("10.", 1 + number / 65025, ".", number / 255 % 255, ".", number % 255 + 1);
}
inline uint32_t LocalIdentity(int pod) { return 5000 + static_cast<uint32_t>(pod % 50); }
inline uint32_t RemoteIdentity(int pod) {
  return 10'000 + static_cast<uint32_t>(pod % kIdentities);
}

inline std::vector<std::string> LabelsOf(uint32_t identity) {
  return {absl::StrCat("k8s:app=app-", identity),
          "k8s:class=backend",
          "k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name=shop",
          "k8s:io.cilium.k8s.policy.cluster=default",
          "k8s:io.cilium.k8s.policy.serviceaccount=default",
          "k8s:io.kubernetes.pod.namespace=shop",
          "k8s:tier=web",
          "k8s:version=v1"};
}

// A pod that a Deployment owns, as Kubernetes tells it.
inline nlohmann::json OwnedPod() {
  return {{"generate_name", "app-6f7c8d9b5-"},
          {"labels", {{"app", "app"}, {"pod-template-hash", "6f7c8d9b5"}}},
          {"owner_references",
           {{{"kind", "ReplicaSet"}, {"name", "app-6f7c8d9b5"}, {"controller", true}}}}};
}

// In the form of agent/resolve/world_file.h, which has no use for `pod`: Cilium finds the workload
// in it.
inline nlohmann::json MakeWorldJson() {
  nlohmann::json world;
  for (int pod = 0; pod < kLocalPods; ++pod) {
    world["endpoints"].push_back({{"id", 1000 + pod},
                                  {"ips", {LocalIp(pod)}},
                                  {"identity", LocalIdentity(pod)},
                                  {"namespace", "shop"},
                                  {"pod_name", absl::StrCat("app-6f7c8d9b5-", pod)},
                                  {"labels", LabelsOf(LocalIdentity(pod))},
                                  {"pod", OwnedPod()},
                                  {"workload", {{"kind", "Deployment"}, {"name", "app"}}}});
    world["cgroups"].push_back({{"cgroup_id", 7000 + pod}, {"ips", {LocalIp(pod)}}});
  }
  for (int pod = 0; pod < kRemotePods; ++pod) {
    world["ipcache"].push_back(
        {{"prefix", RemoteIp(pod) + "/32"}, {"identity", RemoteIdentity(pod)}});
    world["k8s_metadata"].push_back({{"ip", RemoteIp(pod)},
                                     {"namespace", "far"},
                                     {"pod_name", absl::StrCat("remote-7f9c-", pod)}});
  }
  for (int number = 0; number < kIdentities; ++number) {
    world["identities"].push_back(
        {{"id", RemoteIdentity(number)}, {"labels", LabelsOf(RemoteIdentity(number))}});
  }
  for (int service = 0; service < kServices; ++service) {
    world["services"].push_back({{"ip", RemoteIp(service)},
                                 {"port", 80},
                                 {"namespace", "shop"},
                                 {"name", absl::StrCat("service-", service)}});
  }
  for (int event = 0; event < kEventsOfKind; ++event) {
    world["dns"].push_back({{"endpoint_id", 1000 + event % kLocalPods},
                            {"ip", RemoteIp(event * 7)},
                            {"names", {absl::StrCat("host-", event, ".example.com")}}});
  }
  world["links"].push_back({{"ifindex", 10}, {"name", "lxc-app"}});
  return world;
}

struct EventsOfKind {
  const char* kind;
  std::vector<ByteVector> samples;
};

inline ByteVector CiliumPacket(int number) {
  const auto port = static_cast<uint16_t>(32768 + number % 28000);
  return Ethernet()
      .Ipv4(LocalIp(number), RemoteIp(number * 7))
      .Tcp(port, 80, 0x18)
      .Payload(74)
      .Build();
}

template <typename Notify>
Notify CiliumNotify(uint8_t type, uint8_t version, int number) {
  Notify notify{};
  notify.header.type = type;
  notify.header.version = version;
  notify.header.source = static_cast<uint16_t>(1000 + number % kLocalPods);
  return notify;
}

inline ByteVector CiliumEventOf(const std::string& kind, int number) {
  const ByteVector packet = CiliumPacket(number);
  if (kind == "trace") {
    auto notify = CiliumNotify<trace_notify>(NOTIFY_TRACE, TRACE_NOTIFY_VERSION, number);
    notify.header.subtype = TRACE_TO_STACK;
    notify.reason = TRACE_REASON_ESTABLISHED;
    notify.src_label = LocalIdentity(number);
    notify.ifindex = 10;
    return Concat(packet, notify);
  }
  if (kind == "drop") {
    auto notify = CiliumNotify<drop_notify>(NOTIFY_DROP, DROP_NOTIFY_VERSION, number);
    notify.header.subtype = 133;
    notify.file = 2;
    notify.line = 1234;
    return Concat(packet, notify);
  }
  if (kind == "verdict") {
    auto notify = CiliumNotify<policy_verdict_notify>(NOTIFY_POLICY_VERDICT, 1, number);
    notify.bits = VERDICT_DIRECTION_EGRESS | 2 << VERDICT_MATCH_TYPE_SHIFT;
    return Concat(packet, notify);
  }
  if (kind == "capture") {
    auto notify = CiliumNotify<capture_notify>(NOTIFY_CAPTURE, 1, number);
    notify.header.subtype = CAPTURE_DELIVERY;
    notify.arg1 = 10;
    return Concat(packet, notify);
  }
  sock_notify notify = OurSock(SOCK_XLATE_PRE_FWD, SOCK_L4_TCP);
  notify.cgroup_id = 7000 + static_cast<uint64_t>(number % kLocalPods);
  notify.dst_port = 80;
  const IpAddress destination = *IpAddress::Parse(RemoteIp(number * 7));
  std::copy_n(destination.bytes.begin(), 4, notify.dst_ip);
  const auto* bytes = reinterpret_cast<const std::byte*>(&notify);
  return ByteVector(bytes, bytes + sizeof(notify));
}

inline std::vector<EventsOfKind> MakeCiliumEvents() {
  std::vector<EventsOfKind> kinds;
  for (const char* kind : {"trace", "drop", "verdict", "capture", "sock"}) {
    EventsOfKind events{kind, {}};
    for (int i = 0; i < kEventsOfKind; ++i) events.samples.push_back(CiliumEventOf(kind, i));
    kinds.push_back(std::move(events));
  }
  return kinds;
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_BENCH_CILIUM_NODE_H_
