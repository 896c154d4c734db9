// SPDX-License-Identifier: Apache-2.0
//
// Early return for absl::Status and absl::StatusOr, which this abseil release does not have.
//
//   RETURN_IF_ERROR(Attach(eth0));
//   ASSIGN_OR_RETURN(Socket socket, OpenSocket());
#ifndef ALIDADE_AGENT_STATUS_MACROS_H_
#define ALIDADE_AGENT_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Evaluates `expression` (an absl::Status) once and returns it from the function when not OK.
#define RETURN_IF_ERROR(expression)                  \
  do {                                               \
    absl::Status alidade_status = (expression);      \
    if (!alidade_status.ok()) return alidade_status; \
  } while (false)

// Evaluates `expression` (an absl::StatusOr) once; returns its status from the function when not
// OK, otherwise moves its value into `declaration`. Two statements: needs braces under an `if`.
// A declaration with a comma outside parentheses needs a type alias.
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
#define ASSIGN_OR_RETURN(declaration, expression)                                         \
  ALIDADE_ASSIGN_OR_RETURN(ALIDADE_UNIQUE_NAME(alidade_statusor_, __LINE__), declaration, \
                           expression)

#define ALIDADE_ASSIGN_OR_RETURN(result, declaration, expression) \
  auto result = (expression);                                     \
  if (!result.ok()) return std::move(result).status();            \
  declaration = *std::move(result)

// NOLINTEND(bugprone-macro-parentheses)

#define ALIDADE_UNIQUE_NAME(prefix, line) ALIDADE_JOIN_NAMES(prefix, line)
#define ALIDADE_JOIN_NAMES(prefix, line) prefix##line

#endif  // ALIDADE_AGENT_STATUS_MACROS_H_
