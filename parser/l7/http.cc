// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "parser/l7/protocols.h"
#include "parser/l7/url.h"

namespace alidade {
namespace {

constexpr uint64_t kNsPerMs = 1'000'000;

// Tag and length of one field, or tag and varint, at most.
constexpr size_t kMaxFieldOverhead = 11;

std::string ShownUrl(const HttpLog& log, const Redaction& redaction) {
  return RedactedUrl(log.url, redaction.url_password, redaction.url_query);
}

}  // namespace

std::string_view FirstHeader(const HttpLog& log, const std::string& key) {
  auto found = log.headers.find(key);
  if (found == log.headers.end() || found->second.empty()) return {};
  return found->second.front();
}

HttpLayer DecodeHttp(const HttpLog& log, flow::L7FlowType type, const Redaction& redaction) {
  HttpLayer http;
  if (type != flow::REQUEST) http.code = static_cast<uint32_t>(log.code);
  http.method = log.method;
  http.url = ShownUrl(log, redaction);
  http.protocol = log.protocol;
  for (const auto& [key, values] : log.headers) {
    const bool is_hidden = redaction.HidesHeader(key);
    for (const std::string& value : values) {
      http.headers.push_back({key, is_hidden ? std::string(kRedacted) : value});
    }
  }
  return http;
}

std::string HttpSummary(const HttpLog& log, flow::L7FlowType type, uint64_t latency_ns,
                        const Redaction& redaction) {
  const std::string request = absl::StrCat(log.method, " ", ShownUrl(log, redaction));
  if (type == flow::REQUEST) return absl::StrCat(log.protocol, " ", request);
  if (type != flow::RESPONSE) return "";
  return absl::StrCat(log.protocol, " ", log.code, " ", latency_ns / kNsPerMs, "ms (", request,
                      ")");
}

size_t MaxEncodedBytes(const HttpLayer& http) {
  size_t size = 5 * kMaxFieldOverhead + http.method.size() + http.url.size() + http.protocol.size();
  for (const HttpHeader& header : http.headers) {
    size += 3 * kMaxFieldOverhead + header.key.size() + header.value.size();
  }
  return size;
}

void Encode(const HttpLayer& http, WireWriter* out) {
  out->Varint<flow::HTTP::kCodeFieldNumber>(http.code);
  out->ForeignText<flow::HTTP::kMethodFieldNumber>(http.method);
  out->ForeignText<flow::HTTP::kUrlFieldNumber>(http.url);
  out->ForeignText<flow::HTTP::kProtocolFieldNumber>(http.protocol);
  for (const HttpHeader& header : http.headers) {
    WireWriter::Message<flow::HTTP::kHeadersFieldNumber> message(out);
    out->ForeignText<flow::HTTPHeader::kKeyFieldNumber>(header.key);
    out->ForeignText<flow::HTTPHeader::kValueFieldNumber>(header.value);
  }
}

}  // namespace alidade
