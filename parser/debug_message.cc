// SPDX-License-Identifier: Apache-2.0
#include "parser/debug_message.h"

#include <arpa/inet.h>

#include <array>
#include <cctype>
#include <cstring>

#include "flow/flow.pb.h"
#include "parser/drop_reason_text.h"
#include "parser/ip_address.h"

namespace alidade {
namespace {

// Texts by type. A percent sign, a letter and the number of an argument stand for that argument:
//   d decimal                    x hexadecimal               X the same behind 0x
//   h upper 16 bits, decimal     l lower 16 bits, decimal    b lowest byte, decimal
//   H upper 16 bits in network order, as a port              r all but the lowest byte, decimal
//   n lower 16 bits in network order, as a port              R n as the index of a reverse NAT
//   q as the dotted quad it is in memory                     g as two groups of an IPv6 address
//   c with the next argument, a tuple of conntrack           p likewise, a tuple of the proxy
//   v state of conntrack         t direction of a policy     e outcome of a system call
//   i name of the interface
constexpr std::array<std::string_view, 69> kMessages = {
    "",
    "No message, arg1=%d1 (%X1) arg2=%d2 (%X2)",
    "Attempting local delivery for container id %d1 from seclabel %d2",
    "Encapsulating to node %d1 (%X1) from seclabel %d2",
    "Local container found ifindex %i1 seclabel %n2",
    "Policy evaluation would deny packet from %d1 to %d2",
    "CT lookup: %c1",
    "CT reverse lookup: %c1",
    "CT entry found lifetime=%d1, %R2",
    "CT created 1/2: %c1 %R3",
    "CT created 2/2: %q1 %R2",
    "Handling ICMPv6 type=%d1",
    "ICMPv6 echo request for router offset=%d1",
    "ICMPv6 neighbour soliciation for address %x1:%x2",
    "Sending ICMPv6 time exceeded",
    "CT verdict: %v1, %R2",
    "Tunnel decap: id=%d1 flowlabel=%x2",
    "Mapping port from=%d1 to=%d2",
    "BPF function %d1 returned error %d2",
    "Going to host, policy-skip=%d1",
    "Going to the stack, policy-skip=%d1",
    "Packet hash=%d1 (%X1), selected_service=%d2",
    "Frontend service lookup, addr.p4=%x1 key.dport=%n2",
    "Frontend service lookup failed, addr.p2=%x1 addr.p3=%x2",
    "Service backend slot lookup: slot=%d1, dport=%n2",
    "Service backend slot lookup result: target.p4=%x1 port=%n2",
    "Service backend slot lookup failed: slot=%d1, dport=%n2",
    "Backend service lookup failed: backend_id=%d1",
    "Reverse NAT lookup, index=%n1",
    "Performing reverse NAT, address.p4=%x1 port=%n2",
    "Frontend service lookup, addr=%q1 key.dport=%n2",
    "Frontend service lookup failed",
    "Service backend slot lookup: slot=%d1, dport=%n2",
    "Service backend slot lookup result: target=%q1 port=%n2",
    "Service backend slot lookup failed: slot=%d1, dport=%n2",
    "Backend service lookup failed: backend_id=%d1",
    "Reverse NAT lookup, index=%n1",
    "Performing reverse NAT, address=%q1 port=%n2",
    "Loopback SNAT from=%q1 to=%q2",
    "Loopback reverse SNAT from=%q1 to=%q2",
    "CT lookup address: %q1",
    "RR backend slot selection hash=%d1 (%X1), selected_service=%d2",
    "Reverse proxy lookup %p1 nexthdr=%d3",
    "Reverse proxy entry found, orig-daddr=%q1 orig-dport=%d2",
    "Reverse proxy updated %p1 nexthdr=%d3",
    "Resolved L4 policy to: %n1 / %t2",
    "Destination is inside cluster prefix, source identity: %d1",
    "Attempting encapsulation, lookup key: %q1, identity: %d2",
    "Conntrack lookup 1/2: src=%q1:%l3 dst=%q2:%h3",
    "Conntrack lookup 2/2: nexthdr=%r1 flags=%b1 dir=%d2 scope=%d3",
    "Conntrack create: proxy-port=%h1 %R1 src-identity=%d2 lb=%q3",
    "Conntrack lookup 1/2: src=[::%g1]:%l3 dst=[::%g2]:%h3",
    "Conntrack lookup 2/2: nexthdr=%r1 flags=%b1 dir=%d2 scope=%d3",
    "Conntrack create: proxy-port=%h1 %R1 src-identity=%d2",
    "Skipping proxy, tc_index is set=%x1",
    "Matched L4 policy; creating conntrack src=%d1 dst=%d2 dport=%H3 proto=%b3",
    "Failed to map addr=%q1 to identity",
    "Failed to map addr.p4=[::%g1] to identity",
    "Successfully mapped addr=%q1 to identity=%d2",
    "Successfully mapped addr.p4=[::%g1] to identity=%d2",
    "Stale CT entry found stale_ct.rev_nat_id=%d2, svc.rev_nat_id=%d1",
    "Inheriting identity=%d1 from stack",
    "Socket lookup: src=%q1:%l3 dst=%q2:%h3",
    "Socket lookup: src=[::%g1]:%l3 dst=[::%g2]:%h3",
    "Socket assign: %e1",
    "L7 LB from %q1 to %q2: proxy port %d3",
    // From here on the reference is one behind the numbers of the datapath and of its own enum.
    "Skipping policy, arg1=%d1 arg2=%d2",
    "Loopback SNAT from.p4=%x1 to.p4=%x2",
    "Loopback reverse SNAT from.p4=%x1 to.p4=%x2",
};
constexpr std::string_view kUnknownMessage = "Unknown message type=%d0 arg1=%d1 arg2=%d2";

uint32_t UpperHalf(uint32_t value) { return value >> 16; }
uint32_t LowerHalf(uint32_t value) { return value & 0xffff; }
uint32_t Port(uint32_t value) { return ntohs(static_cast<uint16_t>(value)); }

class Renderer {
 public:
  Renderer(const DebugRecord& record, DebugMessageBuffer* out) : record_(record), out_(*out) {}

  void Render(std::string_view message) {
    for (size_t percent = message.find('%'); percent != std::string_view::npos;
         percent = message.find('%')) {
      out_.Put(message.substr(0, percent));
      Put(message[percent + 1], message[percent + 2] - '0');
      message.remove_prefix(percent + 3);
    }
    out_.Put(message);
  }

 private:
  uint32_t Argument(int number) const {
    switch (number) {
      case 1:
        return record_.arg1;
      case 2:
        return record_.arg2;
      case 3:
        return record_.arg3;
      default:
        return record_.type;
    }
  }

  void Put(char letter, int number) {
    const uint32_t value = Argument(number);
    switch (letter) {
      case 'd':
        out_.Decimal(value);
        break;
      case 'x':
        out_.Hex(value);
        break;
      case 'X':
        out_.Put("0x").Hex(value);
        break;
      case 'h':
        out_.Decimal(UpperHalf(value));
        break;
      case 'l':
        out_.Decimal(LowerHalf(value));
        break;
      case 'b':
        out_.Decimal(value & 0xff);
        break;
      case 'H':
        out_.Decimal(Port(UpperHalf(value)));
        break;
      case 'r':
        out_.Decimal(value >> 8);
        break;
      case 'n':
        out_.Decimal(Port(value));
        break;
      case 'R':
        out_.Put("revnat=").Decimal(Port(value));
        break;
      case 'q':
        PutQuad(value);
        break;
      case 'g':
        out_.Hex(UpperHalf(ntohl(value))).Put(":").Hex(LowerHalf(ntohl(value)));
        break;
      case 'c':
        PutConntrackTuple(value, Argument(number + 1));
        break;
      case 'p':
        out_.Put("sport=").Decimal(Port(UpperHalf(value)));
        out_.Put(" dport=").Decimal(Port(value)).Put(" saddr=");
        PutQuad(Argument(number + 1));
        break;
      case 'v':
        PutConntrackState(value);
        break;
      case 't':
        out_.Put(value == 0 ? "egress" : value == 1 ? "ingress" : "");
        break;
      case 'e':
        PutOutcome(value);
        break;
      case 'i':
        PutInterface(value);
        break;
      default:
        break;
    }
  }

  void PutQuad(uint32_t address) {
    char text[IpAddress::kMaxText];
    out_.Put({text, IpAddress::V4(&address).Format(text)});
  }

  void PutConntrackTuple(uint32_t ports, uint32_t protocol_and_flags) {
    constexpr uint32_t kOut = 1;
    constexpr uint32_t kRelated = 2;
    out_.Put("sport=").Decimal(UpperHalf(ports)).Put(" dport=").Decimal(LowerHalf(ports));
    out_.Put(" nexthdr=").Decimal(protocol_and_flags >> 8).Put(" flags=");
    const bool is_out = (protocol_and_flags & kOut) != 0;
    const bool is_related = (protocol_and_flags & kRelated) != 0;
    if (is_out) out_.Put("OUT");
    if (is_out && is_related) out_.Put(", ");
    if (is_related) out_.Put("RELATED");
  }

  void PutConntrackState(uint32_t state) {
    constexpr std::string_view kStates[] = {"New", "Established", "Reply", "Related"};
    if (state < std::size(kStates)) {
      out_.Put(kStates[state]);
      return;
    }
    const auto reason = static_cast<uint8_t>(state);
    const std::string_view text = FindDropReasonText(reason);
    if (text.empty()) {
      out_.Decimal(reason).Put(", 0");
    } else {
      out_.Put(text);
    }
  }

  void PutOutcome(uint32_t error) {
    constexpr uint32_t kLastError = ERFKILL;
    const char* text = error <= kLastError ? strerrordesc_np(static_cast<int>(error)) : nullptr;
    if (error == 0) {
      out_.Put("Success");
    } else if (text == nullptr) {
      out_.Put("errno ").Decimal(error);
    } else {
      // Words, not abbreviations, begin in lower case here.
      const bool is_word = std::isupper(static_cast<unsigned char>(text[0])) != 0 &&
                           std::islower(static_cast<unsigned char>(text[1])) != 0;
      const char first[] = {text[0], '\0'};
      const char lower[] = {static_cast<char>(text[0] | 0x20), '\0'};
      out_.Put(is_word ? lower : first).Put(text + 1);
    }
  }

  // The reference never finds the name and leaves nothing but a space.
  void PutInterface(uint32_t index) {
    if (record_.interface_name.empty()) {
      out_.Decimal(index);
    } else {
      out_.Put(record_.interface_name);
    }
  }

  const DebugRecord& record_;
  DebugMessageBuffer& out_;
};

}  // namespace

std::string_view DebugMessage(const DebugRecord& record, DebugMessageBuffer* buffer) {
  const bool is_known = record.type > 0 && record.type < kMessages.size();
  buffer->Clear();
  Renderer(record, buffer).Render(is_known ? kMessages[record.type] : kUnknownMessage);
  return buffer->view();
}

}  // namespace alidade
