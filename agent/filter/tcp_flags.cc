// SPDX-License-Identifier: Apache-2.0
//
// tcp_flags: every flag of an entry is set in the flow; an entry without flags matches every flow
// that carries flags.
#include <algorithm>
#include <vector>

#include "agent/filter/predicate.h"

namespace alidade {
namespace {

uint16_t FlagBits(const flow::TCPFlags& flags) {
  const struct {
    bool set;
    TcpFlag bit;
  } rows[] = {
      {flags.fin(), kTcpFin}, {flags.syn(), kTcpSyn}, {flags.rst(), kTcpRst},
      {flags.psh(), kTcpPsh}, {flags.ack(), kTcpAck}, {flags.urg(), kTcpUrg},
      {flags.ece(), kTcpEce}, {flags.cwr(), kTcpCwr}, {flags.ns(), kTcpNs},
  };
  unsigned bits = 0;
  for (const auto& row : rows) {
    if (row.set) bits |= row.bit;
  }
  return static_cast<uint16_t>(bits);
}

}  // namespace

absl::Status CompileTcpFlags(const flow::FlowFilter& filter, const NodeIdentity& /*node*/,
                             PredicateList* out) {
  if (filter.tcp_flags().empty()) return absl::OkStatus();
  std::vector<uint16_t> wanted;
  for (const flow::TCPFlags& flags : filter.tcp_flags()) wanted.push_back(FlagBits(flags));
  out->push_back(OnHeader([wanted = std::move(wanted)](const FlowHeader& header) {
    return header.has_tcp_flags && std::any_of(wanted.begin(), wanted.end(), [&](uint16_t bits) {
             return (header.tcp_flags & bits) == bits;
           });
  }));
  return absl::OkStatus();
}

}  // namespace alidade
