// SPDX-License-Identifier: Apache-2.0
#include "parser/labels.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "parser/ip_address.h"

namespace alidade {
namespace {

constexpr std::string_view kCidrSource = "cidr:";
constexpr std::string_view kClusterKey = "io.cilium.k8s.policy.cluster";

bool IsCidrScope(uint32_t identity) { return identity >> 24 == 1; }

// The prefix length of a `cidr:` label, where `-` stands for the colons of an IPv6 address; 0 when
// it is none, or all addresses.
int CidrLength(const std::string& label) {
  const std::string text = absl::StrReplaceAll(label.substr(kCidrSource.size()), {{"-", ":"}});
  const size_t slash = text.find('/');
  const std::optional<IpAddress> address =
      IpAddress::Parse(std::string_view(text).substr(0, slash));
  if (!address) return 0;
  const int most = address->version == IpVersion::kV4 ? 32 : 128;
  if (slash == std::string::npos) return most;
  int length = 0;
  const bool is_number = absl::SimpleAtoi(text.substr(slash + 1), &length);
  return is_number && length > 0 && length <= most ? length : 0;
}

std::vector<std::string> KeepLongestCidr(std::vector<std::string> labels) {
  std::vector<std::string> kept;
  std::string longest;
  int longest_length = 0;
  for (std::string& label : labels) {
    if (!label.starts_with(kCidrSource)) {
      kept.push_back(std::move(label));
      continue;
    }
    const int length = CidrLength(label);
    if (length <= longest_length) continue;
    longest_length = length;
    longest = std::move(label);
  }
  if (longest_length > 0) kept.push_back(std::move(longest));
  return kept;
}

}  // namespace

std::string ClusterOf(const std::vector<std::string>& labels) {
  for (const std::string& label : labels) {
    const std::string_view key = std::string_view(label).substr(label.find(':') + 1);
    if (key.size() > kClusterKey.size() && key.starts_with(kClusterKey) &&
        key[kClusterKey.size()] == '=') {
      return std::string(key.substr(kClusterKey.size() + 1));
    }
  }
  return "";
}

std::vector<std::string> ShownLabels(uint32_t identity, std::vector<std::string> labels) {
  if (IsCidrScope(identity)) labels = KeepLongestCidr(std::move(labels));
  std::sort(labels.begin(), labels.end());
  return labels;
}

}  // namespace alidade
