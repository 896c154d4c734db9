// SPDX-License-Identifier: Apache-2.0
//
// Packets in words: Ethernet().Vlan(5).Ipv4("10.0.0.1", "10.0.0.2").Tcp(1000, 80, kTcpSyn).
// Each layer fills in the type field of the one before it; Build() fills in the lengths.
// Checksums are zero: nothing here looks at them.
#ifndef ALIDADE_TESTS_SUPPORT_PACKET_BUILDER_H_
#define ALIDADE_TESTS_SUPPORT_PACKET_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "parser/ip_address.h"

namespace alidade::testing {

using ByteVector = std::vector<std::byte>;

class PacketBuilder {
 public:
  PacketBuilder& Ethernet() {
    SetNext(0x6558, 0);
    Put({0x02, 0, 0, 0xcc, 0xdd, 0x02, 0x02, 0, 0, 0xaa, 0xbb, 0x01});
    return ExpectEthertype();
  }
  PacketBuilder& Vlan(uint16_t id, uint16_t tag_type = 0x8100) {
    SetNext(tag_type, 0);
    Put16(id);
    return ExpectEthertype();
  }
  PacketBuilder& Arp() {
    SetNext(0x0806, 0);
    Put({0, 1, 8, 0, 6, 4, 0, 1, 0x02, 0, 0, 0xaa, 0xbb, 0x01, 10, 0, 0, 1});
    return Put({0, 0, 0, 0, 0, 0, 10, 0, 0, 2});
  }
  // `fragment`: flags and offset as in the header (0x2000: more fragments).
  PacketBuilder& Ipv4(std::string_view source, std::string_view destination, uint16_t fragment = 0,
                      const std::vector<uint8_t>& options = {}) {
    SetNext(0x0800, 4);
    const size_t start = bytes_.size();
    Put({static_cast<uint8_t>(0x45 + options.size() / 4), 0});
    lengths_.push_back({bytes_.size(), start});
    Put({0, 0, 0, 0});
    Put16(fragment);
    Put({64});
    ExpectProtocol();
    Put({0, 0});
    PutAddress(source, 4);
    PutAddress(destination, 4);
    return Put(options);
  }
  PacketBuilder& Ipv6(std::string_view source, std::string_view destination) {
    SetNext(0x86dd, 41);
    Put({0x60, 0, 0, 0});
    lengths_.push_back({bytes_.size(), bytes_.size() + 36});
    Put16(0);
    ExpectProtocol();
    Put({64});
    PutAddress(source, 16);
    return PutAddress(destination, 16);
  }
  // Hop-by-hop (0), routing (43) or destination options (60), padded to 8 * (1 + `units`) bytes.
  PacketBuilder& Extension(uint8_t protocol, uint8_t units = 0) {
    SetNext(0, protocol);
    ExpectProtocol();
    Put({units, 1, static_cast<uint8_t>(units * 8 + 4)});  // PadN
    return Payload(units * 8u + 4);
  }
  PacketBuilder& Fragment(uint16_t offset, bool more) {
    SetNext(0, 44);
    ExpectProtocol();
    Put({0});
    Put16(static_cast<uint16_t>(offset << 3 | (more ? 1 : 0)));
    return Put({0, 0, 0, 9});
  }
  PacketBuilder& Authentication() {
    SetNext(0, 51);
    ExpectProtocol();
    Put({4});
    return Payload(22);
  }
  // `options` are padded by the caller to a multiple of four.
  PacketBuilder& Tcp(uint16_t source, uint16_t destination, uint16_t flags,
                     const std::vector<uint8_t>& options = {}) {
    SetNext(0, 6);
    Put16(source);
    Put16(destination);
    Payload(8);
    Put16(static_cast<uint16_t>((5 + options.size() / 4) << 12 | flags));
    Put({0xff, 0xff, 0, 0, 0, 0});
    return Put(options);
  }
  PacketBuilder& Udp(uint16_t source, uint16_t destination) {
    SetNext(0, 17);
    const size_t start = bytes_.size();
    Put16(source);
    Put16(destination);
    lengths_.push_back({bytes_.size(), start});
    return Put({0, 0, 0, 0});
  }
  PacketBuilder& Sctp(uint16_t source, uint16_t destination) {
    SetNext(0, 132);
    Put16(source);
    Put16(destination);
    return Payload(8);
  }
  PacketBuilder& IcmpV4(uint8_t type, uint8_t code) {
    SetNext(0, 1);
    return Put({type, code, 0, 0, 0, 0, 0, 0});
  }
  PacketBuilder& IcmpV6(uint8_t type, uint8_t code) {
    SetNext(0, 58);
    return Put({type, code, 0, 0});
  }
  PacketBuilder& Vrrp(uint8_t vrid, uint8_t priority) {
    SetNext(0, 112);
    return Put({0x21, vrid, priority, 1, 0, 1, 0, 0, 10, 0, 0, 1});
  }
  PacketBuilder& Igmp(uint8_t type, std::string_view group) {
    SetNext(0, 2);
    Put({type, 0, 0, 0});
    return PutAddress(group, 4);
  }
  PacketBuilder& Vxlan(uint32_t vni) {
    Put({0x08, 0, 0, 0});
    return Put32(vni << 8).ExpectNothing();
  }
  // `options` are whole options of four bytes each.
  PacketBuilder& Geneve(uint32_t vni, uint8_t options = 0) {
    Put({options, 0});
    ExpectEthertype();
    Put32(vni << 8);
    for (int i = 0; i < options; ++i) Put({0, 1, 2, 0});
    return *this;
  }
  // GRE; `flags` of its first byte: 0x80 checksum, 0x20 key, 0x10 sequence number.
  PacketBuilder& Gre(uint8_t flags = 0) {
    SetNext(0, 47);
    Put({flags, 0});
    ExpectEthertype();
    const size_t next_offset = next_offset_;
    for (const int option : {0x80, 0x20, 0x10}) {
      if ((flags & option) != 0) Put32(0x01020304);
    }
    next_ = Next::kEthertype;
    next_offset_ = next_offset;
    return *this;
  }
  PacketBuilder& Payload(size_t size, uint8_t value = 0) {
    bytes_.insert(bytes_.end(), size, std::byte{value});
    return *this;
  }

  // Overwrites one byte of what is there so far.
  PacketBuilder& Set(size_t offset, uint8_t value) {
    bytes_.at(offset) = std::byte{value};
    return *this;
  }
  // The type field that waits for the next layer.
  PacketBuilder& NextIs(uint16_t ethertype, uint8_t protocol) {
    SetNext(ethertype, protocol);
    return *this;
  }

  size_t size() const { return bytes_.size(); }

  ByteVector Build() const {
    ByteVector bytes = bytes_;
    for (const Length& length : lengths_) {
      PutAt16(&bytes, length.field, static_cast<uint16_t>(bytes.size() - length.counted_from));
    }
    return bytes;
  }
  // Cut off as by a capture: lengths still count the whole packet.
  ByteVector Build(size_t captured) const {
    ByteVector bytes = Build();
    if (captured < bytes.size()) bytes.resize(captured);
    return bytes;
  }

 private:
  struct Length {
    size_t field;
    size_t counted_from;
  };
  enum class Next { kNone, kEthertype, kProtocol };

  static void PutAt16(ByteVector* bytes, size_t offset, uint16_t value) {
    bytes->at(offset) = static_cast<std::byte>(value >> 8);
    bytes->at(offset + 1) = static_cast<std::byte>(value & 0xff);
  }

  template <typename Range>
  PacketBuilder& PutRange(const Range& range) {
    for (const uint8_t byte : range) bytes_.push_back(std::byte{byte});
    return *this;
  }
  PacketBuilder& Put(std::initializer_list<uint8_t> bytes) { return PutRange(bytes); }
  PacketBuilder& Put(const std::vector<uint8_t>& bytes) { return PutRange(bytes); }
  PacketBuilder& Put16(uint16_t value) {
    return Put({static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value & 0xff)});
  }
  PacketBuilder& Put32(uint32_t value) {
    Put16(static_cast<uint16_t>(value >> 16));
    return Put16(static_cast<uint16_t>(value & 0xffff));
  }
  PacketBuilder& PutAddress(std::string_view text, size_t size) {
    const IpAddress address = IpAddress::Parse(text).value();
    for (size_t i = 0; i < size; ++i) Put({address.bytes[i]});
    return *this;
  }

  PacketBuilder& ExpectEthertype() {
    next_ = Next::kEthertype;
    next_offset_ = bytes_.size();
    return Put16(0);
  }
  void ExpectProtocol() {
    next_ = Next::kProtocol;
    next_offset_ = bytes_.size();
    Put({255});
  }
  PacketBuilder& ExpectNothing() {
    next_ = Next::kNone;
    return *this;
  }
  void SetNext(uint16_t ethertype, uint8_t protocol) {
    if (next_ == Next::kEthertype) PutAt16(&bytes_, next_offset_, ethertype);
    if (next_ == Next::kProtocol) bytes_.at(next_offset_) = std::byte{protocol};
    next_ = Next::kNone;
  }

  ByteVector bytes_;
  std::vector<Length> lengths_;
  Next next_ = Next::kNone;
  size_t next_offset_ = 0;
};

inline PacketBuilder Ethernet() {
  PacketBuilder packet;
  packet.Ethernet();
  return packet;
}

// A packet of a device without Ethernet headers.
inline PacketBuilder Raw() { return PacketBuilder(); }

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_SUPPORT_PACKET_BUILDER_H_
