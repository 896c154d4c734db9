// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/namespaces_seen.h"

#include <catch2/catch_test_macros.hpp>

namespace alidade {
namespace {

using Names = std::vector<std::string>;

constexpr int64_t kHour = NamespacesSeen::kLifetimeNs;
constexpr int64_t kMinute = kHour / 60;

Endpoint InNamespace(const std::string& name, uint32_t handle) {
  Endpoint endpoint;
  endpoint.info.namespace_name = name;
  endpoint.handle = handle;
  return endpoint;
}

TEST_CASE("namespaces are listed once and sorted", "[metrics]") {
  NamespacesSeen seen;
  const Endpoint shop = InNamespace("shop", 1);
  const Endpoint cart = InNamespace("shop", 2);
  const Endpoint bank = InNamespace("bank", 3);
  const Endpoint world = InNamespace("", 4);
  for (const Endpoint* one : {&shop, &cart, &bank, &world}) seen.Note(one, 0);
  seen.Note(nullptr, 0);
  seen.Note(std::string("bank"), 0);
  seen.Note(std::string(), 0);
  CHECK(seen.Names(0) == Names{"bank", "shop"});
}

TEST_CASE("a namespace is forgotten an hour after it was last seen", "[metrics]") {
  NamespacesSeen seen;
  const Endpoint shop = InNamespace("shop", 1);
  const Endpoint bank = InNamespace("bank", 2);
  seen.Note(&shop, 0);
  seen.Note(&bank, 0);
  seen.Note(&shop, kMinute);
  CHECK(seen.Names(kHour) == Names{"bank", "shop"});
  CHECK(seen.Names(kHour + 1) == Names{"shop"});
  CHECK(seen.Names(kHour + kMinute + 1).empty());
  seen.Note(&bank, 3 * kHour);
  CHECK(seen.Names(3 * kHour) == Names{"bank"});
}

TEST_CASE("endpoints that share a place or have no handle are all noted", "[metrics]") {
  NamespacesSeen seen;
  const Endpoint first = InNamespace("first", 7);
  const Endpoint second = InNamespace("second", 7 + 256);
  const Endpoint third = InNamespace("third", 0);
  const Endpoint fourth = InNamespace("fourth", 0);
  for (const Endpoint* one : {&first, &second, &third, &fourth}) seen.Note(one, 0);
  CHECK(seen.Names(0) == Names{"first", "fourth", "second", "third"});
}

}  // namespace
}  // namespace alidade
