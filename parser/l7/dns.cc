// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "parser/ip_address.h"
#include "parser/l7/protocols.h"
#include "parser/l7/quoted.h"

namespace alidade {
namespace {

// Tag and length of one field, or tag and varint, at most.
constexpr size_t kMaxFieldOverhead = 11;

struct NumberedName {
  uint16_t number;
  const char* name;
};

// IANA DNS resource record types, as far as Hubble names them.
constexpr NumberedName kTypes[] = {
    {1, "A"},      {2, "NS"},     {3, "MD"},      {4, "MF"},    {5, "CNAME"},  {6, "SOA"},
    {7, "MB"},     {8, "MG"},     {9, "MR"},      {10, "NULL"}, {11, "WKS"},   {12, "PTR"},
    {13, "HINFO"}, {14, "MINFO"}, {15, "MX"},     {16, "TXT"},  {28, "AAAA"},  {33, "SRV"},
    {41, "OPT"},   {46, "RRSIG"}, {48, "DNSKEY"}, {64, "SVCB"}, {65, "HTTPS"}, {256, "URI"},
};

// IANA DNS response codes in Hubble's words.
constexpr NumberedName kResponseCodes[] = {
    {1, "Format Error"},
    {2, "Server Failure"},
    {3, "Non-Existent Domain"},
    {4, "Not Implemented"},
    {5, "Query Refused"},
    {6, "Name Exists when it should not"},
    {7, "RR Set Exists when it should not"},
    {8, "RR Set that should exist does not"},
    {9, "Server Not Authoritative for zone"},
    {10, "Name not contained in zone"},
    {16, "Bad OPT Version"},
    {17, "Key not recognized"},
    {18, "Signature out of time window"},
    {19, "Bad TKEY Mode"},
    {20, "Duplicate key name"},
    {21, "Algorithm not supported"},
    {22, "Bad Truncation"},
    {23, "Bad Cookie"},
};

template <size_t kSize>
const char* NameOf(uint16_t number, const NumberedName (&names)[kSize]) {
  for (const NumberedName& row : names) {
    if (row.number == number) return row.name;
  }
  return "Unknown";
}

std::vector<std::string> TypeNames(const std::vector<uint16_t>& types) {
  std::vector<std::string> names;
  names.reserve(types.size());
  for (const uint16_t type : types) names.emplace_back(NameOf(type, kTypes));
  return names;
}

// The canonical text of an address. An IPv4-mapped one keeps its prefix here, unlike in a packet.
std::string AddressText(const std::string& text) {
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  if (!address) return text;
  const bool is_mapped = !(address->Unmapped() == *address);
  return absl::StrCat(is_mapped ? "::ffff:" : "", address->ToString());
}

std::vector<std::string> AddressTexts(const std::vector<std::string>& ips) {
  std::vector<std::string> texts;
  texts.reserve(ips.size());
  for (const std::string& ip : ips) texts.push_back(AddressText(ip));
  return texts;
}

std::string Answer(const DnsLog& log) {
  const auto rcode = static_cast<uint8_t>(log.rcode);
  if (rcode != 0) return absl::StrCat("RCode: ", NameOf(rcode, kResponseCodes));
  std::vector<std::string> parts;
  if (!log.ips.empty()) parts.push_back(Quoted(absl::StrJoin(AddressTexts(log.ips), ",")));
  if (!log.cnames.empty()) {
    parts.push_back(absl::StrCat("CNAMEs: ", Quoted(absl::StrJoin(log.cnames, ","))));
  }
  return absl::StrJoin(parts, " ");
}

size_t MaxBytes(const std::vector<std::string>& texts) {
  size_t size = 0;
  for (const std::string& text : texts) size += kMaxFieldOverhead + text.size();
  return size;
}

template <uint32_t kField>
void EncodeTexts(const std::vector<std::string>& texts, WireWriter* out) {
  for (const std::string& text : texts) out->PresentForeign<kField>(text);
}

}  // namespace

DnsLayer DecodeDns(const DnsLog& log, flow::L7FlowType type) {
  DnsLayer dns;
  dns.query = log.query;
  dns.observation_source = log.observation_source;
  dns.query_types = TypeNames(log.query_types);
  if (type == flow::REQUEST) return dns;
  dns.ips = AddressTexts(log.ips);
  dns.ttl = log.ttl;
  dns.cnames = log.cnames;
  dns.rcode = static_cast<uint32_t>(log.rcode);
  dns.answer_types = TypeNames(log.answer_types);
  return dns;
}

std::string DnsSummary(const DnsLog& log, flow::L7FlowType type) {
  const std::string types = absl::StrJoin(TypeNames(log.query_types), ",");
  if (type == flow::REQUEST) return absl::StrCat("DNS Query ", log.query, " ", types);
  if (type != flow::RESPONSE) return "";
  const char* source = log.observation_source == "proxy" ? "Proxy" : "Query";
  return absl::StrCat("DNS Answer ", Answer(log), " TTL: ", log.ttl, " (", source, " ", log.query,
                      " ", types, ")");
}

size_t MaxEncodedBytes(const DnsLayer& dns) {
  return 4 * kMaxFieldOverhead + dns.query.size() + dns.observation_source.size() +
         MaxBytes(dns.ips) + MaxBytes(dns.cnames) + MaxBytes(dns.query_types) +
         MaxBytes(dns.answer_types);
}

void Encode(const DnsLayer& dns, WireWriter* out) {
  using flow::DNS;
  out->ForeignText<DNS::kQueryFieldNumber>(dns.query);
  EncodeTexts<DNS::kIpsFieldNumber>(dns.ips, out);
  out->Varint<DNS::kTtlFieldNumber>(dns.ttl);
  EncodeTexts<DNS::kCnamesFieldNumber>(dns.cnames, out);
  out->ForeignText<DNS::kObservationSourceFieldNumber>(dns.observation_source);
  out->Varint<DNS::kRcodeFieldNumber>(dns.rcode);
  EncodeTexts<DNS::kQtypesFieldNumber>(dns.query_types, out);
  EncodeTexts<DNS::kRrtypesFieldNumber>(dns.answer_types, out);
}

}  // namespace alidade
