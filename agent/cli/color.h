// SPDX-License-Identifier: Apache-2.0
//
// The colours of Hubble's client, as ANSI sequences (ECMA-48) or not at all.
#ifndef ALIDADE_AGENT_CLI_COLOR_H_
#define ALIDADE_AGENT_CLI_COLOR_H_

#include <cstdint>
#include <string>

namespace alidade {

enum class Color : uint8_t {
  kNone = 0,
  kRed = 31,
  kGreen = 32,
  kYellow = 33,
  kMagenta = 35,
  kCyan = 36
};

// `text` in `color`; as it is when it is empty, `color` is kNone or `on` is not set.
std::string Paint(const std::string& text, Color color, bool on);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_COLOR_H_
