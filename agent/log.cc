// SPDX-License-Identifier: Apache-2.0
#include "agent/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace alidade {
namespace {

// What comes from outside (names, error texts) must not start a second line.
void Write(spdlog::level::level_enum level, std::string line) {
  std::replace(line.begin(), line.end(), '\n', ' ');
  spdlog::log(level, "{}", line);
}

}  // namespace

void InitLog(LogLevel level) {
  auto logger = spdlog::stderr_logger_mt("alidade");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  switch (level) {
    case LogLevel::kError:
      logger->set_level(spdlog::level::err);
      break;
    case LogLevel::kWarn:
      logger->set_level(spdlog::level::warn);
      break;
    case LogLevel::kInfo:
      logger->set_level(spdlog::level::info);
      break;
    case LogLevel::kDebug:
      logger->set_level(spdlog::level::debug);
      break;
  }
  spdlog::set_default_logger(logger);
}

void LogError(const std::string& line) { Write(spdlog::level::err, line); }
void LogWarn(const std::string& line) { Write(spdlog::level::warn, line); }
void LogInfo(const std::string& line) { Write(spdlog::level::info, line); }
void LogDebug(const std::string& line) { Write(spdlog::level::debug, line); }

}  // namespace alidade
