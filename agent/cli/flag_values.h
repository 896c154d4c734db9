// SPDX-License-Identifier: Apache-2.0
//
// Values of flags as Hubble's client reads them, with the messages that it gives: those of Go's
// strconv and time packages.
#ifndef ALIDADE_AGENT_CLI_FLAG_VALUES_H_
#define ALIDADE_AGENT_CLI_FLAG_VALUES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace alidade {

// Every function: errors: kInvalidArgument with the reason alone, the value named in it.

// A number below 2^bits. `base` 10, or 0: as its prefix says (0x, 0o, 0b, or 0 for octal).
absl::StatusOr<uint64_t> ParseGoUint(const std::string& text, int base, int bits);

// 1, t, T, TRUE, true, True, and likewise false.
absl::StatusOr<bool> ParseGoBool(const std::string& text);

// `1h30m`, `-1.5s`, `0`; no unit longer than an hour.
absl::StatusOr<absl::Duration> ParseGoDuration(const std::string& text);

// What the kernel's error `number` is called there.
std::string GoErrorText(int number);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FLAG_VALUES_H_
