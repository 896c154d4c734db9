// SPDX-License-Identifier: Apache-2.0
#include "parser/registry.h"

#include "bpf/events.h"

namespace alidade {
namespace {

struct KindRow {
  notify_type type;
  KindDecoder decode;
};

DecodeError DecodeNotAFlow(const RawEvent&, FlowRecord*) { return DecodeError::kNotAFlow; }
DecodeError DecodeInvalid(const RawEvent&, FlowRecord*) { return DecodeError::kInvalidType; }

constexpr KindRow kKinds[] = {
    {NOTIFY_TRACE, DecodeTrace},     {NOTIFY_DROP, DecodeDrop},
    {NOTIFY_TRACE_SOCK, DecodeSock}, {NOTIFY_POLICY_VERDICT, DecodePolicyVerdict},
    {NOTIFY_CAPTURE, DecodeCapture}, {NOTIFY_DEBUG, DecodeNotAFlow},
};

}  // namespace

KindDecoder FindKind(uint8_t type) {
  for (const KindRow& row : kKinds) {
    if (row.type == type) return row.decode;
  }
  return DecodeInvalid;
}

}  // namespace alidade
