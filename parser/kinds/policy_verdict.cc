// SPDX-License-Identifier: Apache-2.0
//
// Policy verdict notifications: a policy decided about a connection (event-format sections 2.4
// and 5).
#include "parser/event_view.h"
#include "parser/packet.h"
#include "parser/registry.h"

namespace alidade {
namespace {

uint8_t NotifyFlags(uint8_t bits) {
  uint8_t flags = 0;
  if ((bits & VERDICT_IPV6) != 0) flags |= NOTIFY_FLAG_IPV6;
  if ((bits & VERDICT_L3_DEVICE) != 0) flags |= NOTIFY_FLAG_L3_DEVICE;
  return flags;
}

flow::Verdict Verdict(const policy_verdict_notify& notify) {
  if (notify.verdict < 0) return flow::DROPPED;
  if (notify.verdict > 0) return flow::REDIRECTED;
  return (notify.bits & VERDICT_AUDITED) != 0 ? flow::AUDIT : flow::FORWARDED;
}

}  // namespace

DecodeError DecodePolicyVerdict(const RawEvent& event, FlowRecord* record) {
  PolicyVerdictView view;
  DecodeError error = ViewPolicyVerdict(event, &view);
  if (error != DecodeError::kNone) return error;
  const policy_verdict_notify& notify = view.notify;
  error = DecodePacket(view.packet, NotifyFlags(notify.bits), event.origin, &record->packet,
                       &record->tunnel);
  if (error != DecodeError::kNone) return error;

  record->type = flow::L3_L4;
  record->verdict = Verdict(notify);
  if (record->verdict == flow::DROPPED) {
    record->drop_reason = 0u - static_cast<uint32_t>(notify.verdict);
  } else {
    record->is_reply = Maybe::kFalse;
  }
  record->auth_type = static_cast<flow::AuthType>(notify.auth_type);
  record->policy_match_type = notify.bits >> VERDICT_MATCH_TYPE_SHIFT & VERDICT_MATCH_TYPE_MASK;
  record->emitter_endpoint = notify.header.source;
  const bool is_ingress = (notify.bits & VERDICT_DIRECTION_MASK) == VERDICT_DIRECTION_INGRESS;
  record->stated_direction = is_ingress ? flow::INGRESS : flow::EGRESS;
  (is_ingress ? record->source_label : record->destination_label) = notify.remote_label;
  return DecodeError::kNone;
}

}  // namespace alidade
