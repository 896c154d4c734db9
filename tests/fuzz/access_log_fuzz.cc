// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of access-log records, one JSON object a line, through one parser: what
// decodes encodes, within its bound, to a flow that protobuf accepts.
#include <cstdlib>
#include <string>
#include <vector>

#include "agent/recording/recorded_event.h"
#include "parser/l7/l7_parser.h"
#include "tests/support/table_resolver.h"

namespace alidade::testing {
namespace {

void CheckRecord(L7Parser& parser, const AccessLog& log) {
  static const TableResolver* const kResolver = new TableResolver;
  FlowRecord record;
  if (parser.Decode(log, &record) != DecodeError::kNone) return;
  parser.Enrich(*kResolver, &record);
  std::vector<char> out(MaxEncodedFlowBytes(record));
  const size_t size = EncodeFlow(record, out.data());
  flow::Flow flow;
  if (size > out.size() || !flow.ParseFromArray(out.data(), static_cast<int>(size))) std::abort();
  if (!flow.has_l7() || !flow.has_is_reply()) std::abort();
}

Redaction HideAll() {
  Redaction redaction;
  redaction.enabled = true;
  redaction.url_query = true;
  return redaction;
}

void CheckFile(std::string_view text) {
  L7Parser plain{Redaction()};
  L7Parser hiding{HideAll()};
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    absl::StatusOr<Json> json = ParseJson(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!json.ok()) continue;
    try {
      const AccessLog log = ReadAccessLog(*json);
      CheckRecord(plain, log);
      CheckRecord(hiding, log);
    } catch (const Json::exception&) {
      // A member of another type.
    }
  }
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  alidade::testing::CheckFile({reinterpret_cast<const char*>(data), size});
  return 0;
}
