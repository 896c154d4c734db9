// SPDX-License-Identifier: Apache-2.0
//
// The flags of observe and status. Users know them from Hubble's client, so they are read by the
// grammar of Go's pflag, and what is wrong is said in its words: `--name value`, `--name=value`,
// `-n value`, `-nvalue`, `-n=value`, switches that are joined (`-fA`) or given a value
// (`--all=false`); each flag is taken when its turn comes, the last of several wins. (The agent's
// own flags are CLI11's: nobody knows them from elsewhere.)
#ifndef ALIDADE_AGENT_CLI_FLAG_SET_H_
#define ALIDADE_AGENT_CLI_FLAG_SET_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/command_line.h"

namespace alidade {

// The value of an environment variable, null when it is not set.
using Environment = std::function<const char*(const char* name)>;

struct Flag {
  std::string name;
  char letter = '\0';  // short name; NUL: none
  std::string value;   // what the help calls its value: `FILE`; empty: a switch
  std::string help;
  std::string shown_default;  // empty: none worth a word
  std::string alone;          // the value it has when it is given without one; empty: it needs one
  bool takes_many = false;    // each value adds to those before
  bool is_bound = false;      // may also come from the environment and a configuration file
  // Takes the text of a value. Errors: kInvalidArgument with the reason alone.
  std::function<absl::Status(const std::string& text)> take;
  bool is_given = false;

  // `-n, --name`.
  std::string Title() const;
};

class FlagSet {
 public:
  // `command`: as it is called (`alidade observe`); `does`: a sentence for the help.
  FlagSet(std::string command, std::string does);

  // The flags that are added from now on stand under this heading in the help, and are bound or
  // not.
  void Group(const std::string& heading, bool is_bound = false);
  // The returned flag may be changed until Parse; it lives as long as the set.
  Flag* Add(Flag flag);
  // `target` outlives the set and holds the default value.
  Flag* AddText(const char* name, const char* value, const char* help, std::string* target);
  Flag* AddSwitch(const char* name, const char* help, bool* target);
  Flag* AddNumber(const char* name, const char* help, uint64_t* target);
  Flag* AddDuration(const char* name, const char* help, absl::Duration* target);
  // Values are separated by commas, and each further flag adds to them.
  Flag* AddList(const char* name, const char* value, const char* help,
                std::vector<std::string>* target);

  // Takes every flag in `arguments`. Errors: kInvalidArgument: the first that is wrong, as one line
  // for the user. kCancelled: help was asked for; the message is the help text.
  absl::Status Parse(const Arguments& arguments);

  // Where in `arguments` the first word stands that is no flag and no flag's value.
  std::optional<size_t> FindWord(const Arguments& arguments) const;

  // Those that may come from elsewhere, in the order of adding.
  std::vector<Flag*> bound();
  std::string Help() const;
  const std::string& command() const { return command_; }

 private:
  class Reader;

  struct Heading {
    std::string text;
    size_t first;  // flag under it
  };

  Flag* Find(const std::string& name) const;
  Flag* Find(char letter) const;

  const std::string command_;
  const std::string does_;
  std::vector<std::unique_ptr<Flag>> flags_;
  std::vector<Heading> headings_;
  bool is_bound_ = false;
};

}  // namespace alidade

#endif  // ALIDADE_AGENT_CLI_FLAG_SET_H_
