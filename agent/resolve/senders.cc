// SPDX-License-Identifier: Apache-2.0
#include "agent/resolve/senders.h"

#include "absl/hash/hash.h"
#include "agent/resolve/ip_address_hash.h"

namespace alidade {
namespace {

constexpr size_t kPlaces = 32'768;

bool HasPorts(const FlowRecord& record) {
  const L4Protocol protocol = record.packet.l4.protocol;
  return protocol == L4Protocol::kTcp || protocol == L4Protocol::kUdp ||
         protocol == L4Protocol::kSctp;
}

}  // namespace

struct Senders::Way {
  const IpAddress& source;
  const IpAddress& destination;
  uint16_t source_port;
  uint16_t destination_port;
  L4Protocol protocol;
};

Senders::Senders() : senders_(kPlaces) {}

size_t Senders::PlaceOf(const Way& way) {
  const size_t source = IpAddressHash()(way.source, static_cast<uint64_t>(way.protocol));
  const size_t ends = IpAddressHash()(way.destination, source);
  // A client takes its ports in turn: its connections stand side by side, where the processor
  // fetches them ahead.
  return (ends + way.source_port + way.destination_port) % kPlaces;
}

uint64_t Senders::HashOf(const Way& way) {
  return absl::HashOf(way.source.version, way.source.bytes, way.destination.bytes, way.source_port,
                      way.destination_port, way.protocol);
}

Senders::Way Senders::WayOf(const PacketLayers& packet) {
  return {.source = packet.ip.source,
          .destination = packet.ip.destination,
          .source_port = packet.l4.source_port,
          .destination_port = packet.l4.destination_port,
          .protocol = packet.l4.protocol};
}

uint64_t Senders::CookieOf(const Way& way) const {
  const Sender& sender = senders_[PlaceOf(way)];
  return sender.way == HashOf(way) ? sender.cookie : 0;
}

void Senders::Note(const FlowRecord& record) {
  if (!HasPorts(record)) return;
  const Way way = WayOf(record.packet);
  senders_[PlaceOf(way)] = {.way = HashOf(way), .cookie = record.socket_cookie};
}

uint64_t Senders::SenderOf(const FlowRecord& record) const {
  return HasPorts(record) ? CookieOf(WayOf(record.packet)) : 0;
}

uint64_t Senders::ReceiverOf(const FlowRecord& record) const {
  if (!HasPorts(record)) return 0;
  const PacketLayers& packet = record.packet;
  return CookieOf({.source = packet.ip.destination,
                   .destination = packet.ip.source,
                   .source_port = packet.l4.destination_port,
                   .destination_port = packet.l4.source_port,
                   .protocol = packet.l4.protocol});
}

}  // namespace alidade
