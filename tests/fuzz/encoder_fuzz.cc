// SPDX-License-Identifier: Apache-2.0
//
// Any record encodes, within its bound, to the bytes that protobuf writes of the message built of
// it field by field. The input is what the record's fields are drawn from.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "parser/parser.h"
#include "tests/support/flow_builder.h"
#include "tests/support/random_record.h"

namespace alidade::testing {
namespace {

// Numbers that are the input, eight bytes at a time, and zero behind its end.
class InputNumbers {
 public:
  InputNumbers(const uint8_t* data, size_t size) : rest_(data, size) {}

  uint64_t operator()() {
    uint64_t number = 0;
    const size_t taken = std::min(rest_.size(), sizeof(number));
    std::memcpy(&number, rest_.data(), taken);
    rest_ = rest_.subspan(taken);
    return number;
  }

 private:
  std::span<const uint8_t> rest_;
};

const Endpoint& Pod() {
  static const Endpoint* const kPod = [] {
    auto* pod = new Endpoint;
    pod->info.id = 7;
    pod->info.labels = {"k8s:app=xwing", ""};
    pod->wire = EncodeEndpoint(pod->info);
    return pod;
  }();
  return *kPod;
}

}  // namespace
}  // namespace alidade::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace alidade;           // NOLINT(google-build-using-namespace)
  using namespace alidade::testing;  // NOLINT(google-build-using-namespace)
  RecordGenerator generator(InputNumbers(data, size));
  const FlowRecord record = generator.Next(&Pod());
  std::vector<char> out(MaxEncodedFlowBytes(record));
  const size_t written = EncodeFlow(record, out.data());
  if (std::string(out.data(), written) != DeterministicBytes(BuildFlow(record))) std::abort();
  return 0;
}
