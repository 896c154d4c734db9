// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "parser/l7/protocols.h"

namespace alidade {

KafkaLayer DecodeKafka(const KafkaLog& log, flow::L7FlowType type, const Redaction& redaction) {
  KafkaLayer kafka;
  if (type != flow::REQUEST) kafka.error_code = log.error_code;
  kafka.api_version = log.api_version;
  kafka.correlation_id = log.correlation_id;
  kafka.api_key = redaction.kafka_api_key ? std::string(kRedacted) : log.api_key;
  kafka.topic = log.topic;
  return kafka;
}

std::string KafkaSummary(const KafkaLayer& kafka, flow::L7FlowType type) {
  const bool is_request = type == flow::REQUEST;
  std::string summary =
      absl::StrCat("Kafka ", is_request ? "request " : "response ", kafka.api_key,
                   " correlation id ", kafka.correlation_id, " topic '", kafka.topic, "'");
  if (!is_request) absl::StrAppend(&summary, " return code ", kafka.error_code);
  return summary;
}

size_t MaxEncodedBytes(const KafkaLayer& kafka) {
  constexpr size_t kMaxFieldOverhead = 11;
  return 5 * kMaxFieldOverhead + kafka.api_key.size() + kafka.topic.size();
}

void Encode(const KafkaLayer& kafka, WireWriter* out) {
  out->EnumValue<flow::Kafka::kErrorCodeFieldNumber>(kafka.error_code);
  out->EnumValue<flow::Kafka::kApiVersionFieldNumber>(kafka.api_version);
  out->ForeignText<flow::Kafka::kApiKeyFieldNumber>(kafka.api_key);
  out->EnumValue<flow::Kafka::kCorrelationIdFieldNumber>(kafka.correlation_id);
  out->ForeignText<flow::Kafka::kTopicFieldNumber>(kafka.topic);
}

}  // namespace alidade
