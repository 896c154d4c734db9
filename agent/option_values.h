// SPDX-License-Identifier: Apache-2.0
//
// What the text of an option's value means. Every Parse function returns the value, or
// kInvalidArgument saying what would be right in words that go behind the name and the value
// ("must be a number from 0 to 1024").
#ifndef ALIDADE_AGENT_OPTION_VALUES_H_
#define ALIDADE_AGENT_OPTION_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/capture/capture_options.h"

namespace alidade {

absl::StatusOr<bool> ParseSwitch(const std::string& text);
absl::StatusOr<uint64_t> ParseNumber(const std::string& text, uint64_t least, uint64_t most);
absl::StatusOr<uint64_t> ParseNumberOrZero(const std::string& text, uint64_t least, uint64_t most);
absl::StatusOr<uint32_t> ParsePowerOfTwo(const std::string& text, uint32_t most);
absl::StatusOr<uint32_t> ParseRingCapacity(const std::string& text);
absl::StatusOr<absl::Duration> ParseNonNegativeDuration(const std::string& text);
absl::StatusOr<absl::Duration> ParseDurationBetween(const std::string& text, absl::Duration least,
                                                    absl::Duration most);
// One TCP flag by its name in lower case, as its bit in byte 13 of the header (RFC 9293).
absl::StatusOr<uint8_t> ParseTcpFlag(const std::string& text);
// The names of the bits of `flags`, separated by commas.
std::string TcpFlagsText(uint8_t flags);
absl::StatusOr<uint32_t> ParseFileMode(const std::string& text);  // octal
// `ebpf`, `cilium`, or `replay:FILE`.
absl::StatusOr<Source> ParseSource(const std::string& text);
std::string SourceText(const Source& source);
absl::StatusOr<std::string> ParseAbsolutePath(const std::string& text);
absl::StatusOr<std::string> ParseSocketPath(const std::string& text);
absl::StatusOr<std::string> ParseAddress(const std::string& text);
absl::StatusOr<std::string> ParseInterfacePattern(const std::string& text);
absl::StatusOr<std::string> ParseNodeName(const std::string& text);
absl::StatusOr<std::string> ParseClusterName(const std::string& text);

// Whether `address`, made by ParseAddress, is reachable from this machine only.
bool IsLoopback(const std::string& address);

// `problem` with the name and the value that it is about in front.
absl::Status WithValue(const std::string& label, const std::string& value,
                       const absl::Status& problem);

}  // namespace alidade

#endif  // ALIDADE_AGENT_OPTION_VALUES_H_
