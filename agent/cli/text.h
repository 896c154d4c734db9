// SPDX-License-Identifier: Apache-2.0
//
// Small formats that people read on a terminal.
#ifndef ALIDADE_AGENT_CLI_TEXT_H_
#define ALIDADE_AGENT_CLI_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace alidade {

// `n` with a comma between groups of three digits.
std::string GroupDigits(uint64_t n);

// `text` without what could steer a terminal: names in flows come from strangers. As Hubble's
// client does, ESC becomes `^[` and a carriage return `\r` in letters; line ends stay.
std::string EscapeForTerminal(const std::string& text);

// Rows of cells as lines of left-aligned columns; no spaces at the end of a line.
std::string AlignColumns(const std::vector<std::vector<std::string>>& rows);

// Likewise as Hubble's client aligns a table: three spaces between columns, which a tab in a cell
// becomes too. Nothing for no rows. All rows have as many cells as the first.
std::string AlignTable(std::vector<std::vector<std::string>> rows);

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_TEXT_H_
