// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/vector_run.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <set>

namespace alidade::testing {

namespace {

[[noreturn]] void Die(const std::string& message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(2);
}

std::string FromEnvironment(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : std::move(otherwise);
}

std::ifstream Open(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) Die(path.string() + ": cannot be read; set VECTORS_DIR and VECTORS_SET");
  return file;
}

// Rows of QUIRKS.md look like "| `tag` | bettered | reason |".
std::set<std::string> BetteredQuirks() {
  std::ifstream file = Open(std::filesystem::path(ALIDADE_VECTORS_SOURCE) / "QUIRKS.md");
  std::set<std::string> tags;
  for (std::string line; std::getline(file, line);) {
    size_t end = line.find("` | bettered |");
    if (line.starts_with("| `") && end != std::string::npos) tags.insert(line.substr(3, end - 3));
  }
  return tags;
}

bool IsExcused(const nlohmann::json& vector, const std::set<std::string>& bettered) {
  auto quirks = vector.find("quirks");
  if (quirks == vector.end() || quirks->empty()) return false;
  for (const nlohmann::json& tag : *quirks) {
    if (!bettered.contains(tag.get<std::string>())) return false;
  }
  return true;
}

VectorFailure Check(const VectorCheck& check, const nlohmann::json& vector) {
  try {
    return check(vector);
  } catch (const std::exception& error) {
    return std::string("the test cannot read this vector: ") + error.what();
  }
}

}  // namespace

std::filesystem::path VectorFolder() {
  return FromEnvironment("VECTORS_DIR", std::string(ALIDADE_VECTORS_SOURCE) + "/data");
}

nlohmann::json ReadVectorTable(std::string_view name) {
  std::ifstream file = Open(VectorFolder() / name);
  return nlohmann::json::parse(file);
}

int RunVectors(std::string_view stem, const VectorCheck& check) {
  std::string name = std::string(stem) + "." + FromEnvironment("VECTORS_SET", "dev") + ".jsonl";
  std::ifstream file = Open(VectorFolder() / name);
  std::set<std::string> bettered = BetteredQuirks();
  int passed = 0, failed = 0, skipped = 0;
  for (std::string line; std::getline(file, line);) {
    nlohmann::json vector = nlohmann::json::parse(line);
    VectorFailure failure = Check(check, vector);
    if (!failure.has_value()) {
      ++passed;
    } else if (IsExcused(vector, bettered)) {
      ++skipped;
    } else {
      ++failed;
      std::printf("%s: %s\n", vector["name"].get<std::string>().c_str(), failure->c_str());
    }
  }
  std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
  return failed == 0 && passed > 0 ? 0 : 1;
}

}  // namespace alidade::testing
