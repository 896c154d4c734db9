// SPDX-License-Identifier: Apache-2.0
//
// The log: stderr, one line an entry, `level message key=value`. Nothing per event.
//   error: an operator must act        warn: working, but less than asked
//   info: life-cycle, a dozen lines     debug: off unless asked for
#ifndef ALIDADE_AGENT_LOG_H_
#define ALIDADE_AGENT_LOG_H_

#include <string>

#include "agent/options.h"

namespace alidade {

void InitLog(LogLevel level);

void LogError(const std::string& line);
void LogWarn(const std::string& line);
void LogInfo(const std::string& line);
void LogDebug(const std::string& line);

}  // namespace alidade

#endif  // ALIDADE_AGENT_LOG_H_
