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

// The names of the rows of QUIRKS.md that look like "| `name` | answer | reason |".
std::set<std::string> Rows(const std::string& answer) {
  std::ifstream file = Open(std::filesystem::path(ALIDADE_VECTORS_SOURCE) / "QUIRKS.md");
  std::set<std::string> names;
  for (std::string line; std::getline(file, line);) {
    size_t end = line.find("` | " + answer + " |");
    if (line.starts_with("| `") && end != std::string::npos) names.insert(line.substr(3, end - 3));
  }
  return names;
}

// What QUIRKS.md excuses.
struct Excuses {
  std::set<std::string> tags = Rows("bettered");
  std::set<std::string> categories = Rows("refused");
};

bool IsExcused(const nlohmann::json& vector, const Excuses& excuses) {
  if (excuses.categories.contains(vector.value("category", ""))) return true;
  // One is enough: the better behaviour shows also where the reference has a second oddity.
  for (const nlohmann::json& tag : vector.value("quirks", nlohmann::json::array())) {
    if (excuses.tags.contains(tag.get<std::string>())) return true;
  }
  return false;
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
  const Excuses excuses;
  int passed = 0, failed = 0, skipped = 0;
  for (std::string line; std::getline(file, line);) {
    nlohmann::json vector = nlohmann::json::parse(line);
    VectorFailure failure = Check(check, vector);
    if (!failure.has_value()) {
      ++passed;
    } else if (IsExcused(vector, excuses)) {
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
