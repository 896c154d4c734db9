// SPDX-License-Identifier: Apache-2.0
//
// The resolver tables that the parser's vectors were made with.
#ifndef ALIDADE_TESTS_VECTORS_VECTOR_WORLD_H_
#define ALIDADE_TESTS_VECTORS_VECTOR_WORLD_H_

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "agent/resolve/world.h"
#include "tests/vectors/vector_run.h"

namespace alidade::testing {

// The tables of world.json. Ends the process when they cannot be read.
inline WorldTables ReadVectorWorld() {
  absl::StatusOr<WorldTables> tables = ParseWorld(ReadVectorTable("world.json").dump());
  if (!tables.ok()) {
    std::fprintf(stderr, "world.json: %s\n", tables.status().ToString().c_str());
    std::exit(2);
  }
  return *std::move(tables);
}

}  // namespace alidade::testing

#endif  // ALIDADE_TESTS_VECTORS_VECTOR_WORLD_H_
