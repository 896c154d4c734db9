// SPDX-License-Identifier: Apache-2.0
#include "parser/parser.h"
#include "parser/registry.h"

namespace alidade {
namespace {

constexpr FlowRecord kEmptyRecord{};

}  // namespace

void ResetRecord(FlowRecord* record) {
  const auto uuid = record->uuid;
  *record = kEmptyRecord;
  record->uuid = uuid;
}

std::string_view DecodeErrorName(DecodeError error) {
  switch (error) {
    case DecodeError::kNone:
      return "none";
    case DecodeError::kEmptyData:
      return "empty_data";
    case DecodeError::kInvalidType:
      return "invalid_type";
    case DecodeError::kNotAFlow:
      return "not_a_flow";
    case DecodeError::kHeaderTooShort:
      return "header_too_short";
    case DecodeError::kUnknownVersion:
      return "unknown_version";
    case DecodeError::kPacketDecode:
      return "packet_decode";
    case DecodeError::kOverlayDecode:
      return "overlay_decode";
    case DecodeError::kEventSkipped:
      return "event_skipped";
    case DecodeError::kBadTimestamp:
      return "bad_timestamp";
    case DecodeError::kBadLine:
      return "bad_line";
    case DecodeError::kCount:
      break;
  }
  return "";
}

DecodeError Decode(const RawEvent& event, FlowRecord* record) {
  ResetRecord(record);
  record->time_ns = event.time_ns;
  if (event.bytes.empty()) return DecodeError::kEmptyData;
  record->event_type = static_cast<uint8_t>(event.bytes[0]);
  if (event.bytes.size() > 1) record->event_sub_type = static_cast<uint8_t>(event.bytes[1]);
  return FindKind(record->event_type)(event, record);
}

}  // namespace alidade
