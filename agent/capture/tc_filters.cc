// SPDX-License-Identifier: Apache-2.0
#include "agent/capture/tc_filters.h"

#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <utility>

#include "agent/capture/netlink_request.h"
#include "agent/status_macros.h"

namespace alidade {
namespace {

std::string BpfName(const nlattr* options) {
  std::string name;
  ForEachAttribute(mnl_attr_get_payload(options), mnl_attr_get_payload_len(options),
                   [&](const nlattr* attribute) {
                     if (mnl_attr_get_type(attribute) == TCA_BPF_NAME)
                       name = mnl_attr_get_str(attribute);
                   });
  return name;
}

// A dump names each chain's template row too; a filter has a handle.
void ReadFilter(const nlmsghdr* message, std::vector<TcFilter>* filters) {
  const auto* header = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(message));
  if (message->nlmsg_type != RTM_NEWTFILTER || header->tcm_handle == 0) return;
  TcFilter filter;
  filter.priority = TC_H_MAJ(header->tcm_info) >> 16;
  const nlattr* options = nullptr;
  ForEachAttribute(message, sizeof(*header), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == TCA_KIND) filter.kind = mnl_attr_get_str(attribute);
    if (mnl_attr_get_type(attribute) == TCA_CHAIN) filter.chain = mnl_attr_get_u32(attribute);
    if (mnl_attr_get_type(attribute) == TCA_OPTIONS) options = attribute;
  });
  if (filter.kind == "bpf" && options != nullptr) filter.name = BpfName(options);
  filters->push_back(std::move(filter));
}

}  // namespace

absl::StatusOr<std::vector<TcFilter>> ClsactFilters(uint32_t ifindex, TcDirection direction) {
  std::vector<TcFilter> filters;
  tcmsg header{};
  header.tcm_ifindex = static_cast<int>(ifindex);
  header.tcm_parent = TC_H_MAKE(
      TC_H_CLSACT, direction == TcDirection::kIngress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
  RETURN_IF_ERROR(Ask(RTM_GETTFILTER, NLM_F_DUMP, header,
                      [&](const nlmsghdr* message) { ReadFilter(message, &filters); }));
  std::stable_sort(filters.begin(), filters.end(),
                   [](const TcFilter& a, const TcFilter& b) { return a.priority < b.priority; });
  return filters;
}

}  // namespace alidade
