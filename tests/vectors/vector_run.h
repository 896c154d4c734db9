// SPDX-License-Identifier: Apache-2.0
//
// Runs a file of conformance vectors: one JSON object a line, each with what the genuine parser,
// filters or observer answered.
#ifndef ALIDADE_TESTS_VECTORS_VECTOR_RUN_H_
#define ALIDADE_TESTS_VECTORS_VECTOR_RUN_H_

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace alidade::testing {

// What a check found wrong with one vector, as "expected … got …"; nothing when it passed.
using VectorFailure = std::optional<std::string>;
using VectorCheck = std::function<VectorFailure(const nlohmann::json& vector)>;

// The folder of vectors: $VECTORS_DIR, else tests/vectors/data.
std::filesystem::path VectorFolder();

// A JSON file of that folder that is no list of vectors. Ends the process when it can't be read.
nlohmann::json ReadVectorTable(std::string_view name);

// Runs every line of STEM.$VECTORS_SET.jsonl (set dev by default) and prints each failing name with
// its failure, then "N passed, N failed, N skipped". A failing vector is skipped instead if one of
// its quirk tags stands in QUIRKS.md as bettered, or its category as refused. Returns the exit
// status.
int RunVectors(std::string_view stem, const VectorCheck& check);

}  // namespace alidade::testing

#endif
