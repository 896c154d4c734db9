// SPDX-License-Identifier: Apache-2.0
//
// Sock notifications: a process asked for a connection (event-format sections 2.7 and 6.1).
#include "parser/event_view.h"
#include "parser/registry.h"

namespace alidade {
namespace {

flow::Verdict Verdict(uint8_t point) {
  switch (point) {
    case SOCK_XLATE_PRE_FWD:
    case SOCK_XLATE_PRE_REV:
      return flow::TRACED;
    case SOCK_XLATE_POST_FWD:
    case SOCK_XLATE_POST_REV:
      return flow::TRANSLATED;
    default:
      return flow::VERDICT_UNKNOWN;
  }
}

L4Protocol Protocol(uint8_t l4_proto) {
  if (l4_proto == SOCK_L4_TCP) return L4Protocol::kTcp;
  if (l4_proto == SOCK_L4_UDP) return L4Protocol::kUdp;
  return L4Protocol::kNone;
}

IpAddress Address(const uint8_t* bytes, bool is_ipv6) {
  return is_ipv6 ? IpAddress::V6(bytes) : IpAddress::V4(bytes);
}

void ReadExtension(const SockView& view, bool is_ipv6, FlowRecord* record) {
  const IpAddress local = Address(view.extension.local_ip, is_ipv6);
  if (!local.Unmapped().is_unspecified()) record->packet.ip.source = local;
  record->packet.l4.source_port = view.extension.local_port;
  record->extension.pid = view.extension.pid;
  record->extension.netns = view.extension.netns;
  record->extension.comm = {reinterpret_cast<const char*>(view.comm.data()), view.comm.size()};
}

}  // namespace

DecodeError DecodeSock(const RawEvent& event, FlowRecord* record) {
  SockView view;
  const DecodeError error = ViewSock(event, &view);
  if (error != DecodeError::kNone) return error;
  const sock_notify& notify = view.notify;
  const bool is_ipv6 = (notify.flags & SOCK_FLAG_IPV6) != 0;

  record->type = flow::SOCK;
  record->verdict = Verdict(notify.xlate_point);
  record->sock_xlate_point = static_cast<flow::SocketTranslationPoint>(notify.xlate_point);
  record->swap_endpoints =
      notify.xlate_point == SOCK_XLATE_PRE_REV || notify.xlate_point == SOCK_XLATE_POST_REV;
  record->socket_cookie = notify.sock_cookie;
  record->cgroup_id = notify.cgroup_id;

  PacketLayers& packet = record->packet;
  packet.ip.version_ = is_ipv6 ? IpVersion::kV6 : IpVersion::kV4;
  packet.ip.destination = Address(notify.dst_ip, is_ipv6);
  packet.l4.protocol = Protocol(notify.l4_proto);
  packet.l4.destination_port = notify.dst_port;
  const bool is_known = packet.l4.protocol != L4Protocol::kNone;
  packet.last = is_known ? LastLayer::kL4 : LastLayer::kSockUnknown;
  if (view.has_extension) ReadExtension(view, is_ipv6, record);
  return DecodeError::kNone;
}

}  // namespace alidade
