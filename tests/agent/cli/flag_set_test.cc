// SPDX-License-Identifier: Apache-2.0
//
// The messages are those of `hubble observe` (1.19.1) for the same arguments.
#include "agent/cli/flag_set.h"

#include <string>
#include <vector>

#include "agent/cli/flag_values.h"
#include "catch2/catch_test_macros.hpp"
#include "catch2/generators/catch_generators.hpp"

namespace alidade {
namespace {

// A set with a flag of each kind.
struct Flags {
  Flags() {
    set.Group("Things");
    set.AddSwitch("all", "everything", &all)->letter = 'A';
    set.AddSwitch("follow", "stay", &follow)->letter = 'f';
    set.AddText("output", "FORMAT", "form", &output)->letter = 'o';
    set.AddNumber("last", "how many", &last);
    set.AddDuration("timeout", "how long", &timeout);
    set.AddList("fields", "FIELD", "which", &fields);
  }
  absl::Status Parse(const Arguments& arguments) { return set.Parse(arguments); }
  std::string Error(const Arguments& arguments) {
    return std::string(set.Parse(arguments).message());
  }

  bool all = false;
  bool follow = false;
  std::string output = "compact";
  uint64_t last = 0;
  absl::Duration timeout = absl::Seconds(5);
  std::vector<std::string> fields;
  FlagSet set{"alidade test", "Tests."};
};

TEST_CASE("flags are read in every form that pflag knows", "[cli]") {
  const Arguments arguments = GENERATE(
      Arguments{"--all", "--follow", "--output", "json", "--last", "5"},
      Arguments{"--all=true", "--follow=1", "--output=json", "--last=0x5"},
      Arguments{"-Af", "-ojson", "--last", "05"}, Arguments{"-fA=T", "-o=json", "--last=0b101"},
      Arguments{"-Afo", "json", "--last", "4", "--last", "5"},
      Arguments{"-Afo=json", "--last=0o5"});
  Flags flags;
  const absl::Status status = flags.Parse(arguments);
  INFO(status);
  REQUIRE(status.ok());
  CHECK(flags.all);
  CHECK(flags.follow);
  CHECK(flags.output == "json");
  CHECK(flags.last == 5);
}

TEST_CASE("a value may be empty, and may look like a flag", "[cli]") {
  Flags flags;
  REQUIRE(flags.Parse({"--output="}).ok());
  CHECK(flags.output.empty());
  REQUIRE(flags.Parse({"--output", "--all"}).ok());
  CHECK(flags.output == "--all");
  CHECK(!flags.all);
  REQUIRE(flags.Parse({"-o", ""}).ok());
  CHECK(flags.output.empty());
}

TEST_CASE("lists grow, by commas and by further flags", "[cli]") {
  Flags flags;
  REQUIRE(flags.Parse({"--fields", "a,b", "--fields=c", "--fields="}).ok());
  CHECK(flags.fields == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("wrong arguments are told in pflag's words", "[cli]") {
  struct Row {
    Arguments arguments;
    const char* message;
  };
  const Row row = GENERATE(
      Row{{"--nope"}, "unknown flag: --nope"}, Row{{"--nope=1"}, "unknown flag: --nope"},
      Row{{"-z"}, "unknown shorthand flag: 'z' in -z"},
      Row{{"-Azf"}, "unknown shorthand flag: 'z' in -zf"},
      Row{{"--output"}, "flag needs an argument: --output"},
      Row{{"-o"}, "flag needs an argument: 'o' in -o"}, Row{{"--=x"}, "bad flag syntax: --=x"},
      Row{{"---x"}, "bad flag syntax: ---x"},
      Row{{"--all=maybe"},
          R"(invalid argument "maybe" for "-A, --all" flag: )"
          R"(strconv.ParseBool: parsing "maybe": invalid syntax)"},
      Row{{"--last", "-1"},
          R"(invalid argument "-1" for "--last" flag: )"
          R"(strconv.ParseUint: parsing "-1": invalid syntax)"},
      Row{{"--last", "99999999999999999999"},
          R"(invalid argument "99999999999999999999" for "--last" flag: )"
          R"(strconv.ParseUint: parsing "99999999999999999999": value out of range)"},
      Row{{"--timeout", "5"},
          R"(invalid argument "5" for "--timeout" flag: time: missing unit in duration "5")"},
      Row{{"--timeout", "5x"},
          R"(invalid argument "5x" for "--timeout" flag: )"
          R"(time: unknown unit "x" in duration "5x")"},
      Row{{"--timeout", "soon"},
          R"(invalid argument "soon" for "--timeout" flag: time: invalid duration "soon")"},
      Row{{"word", "--all"}, R"(unexpected argument "word"; see alidade test --help)"},
      Row{{"--", "--all"}, R"(unexpected argument "--all"; see alidade test --help)"});
  Flags flags;
  CHECK(flags.Error(row.arguments) == row.message);
}

TEST_CASE("help is given where it is asked for, if nothing was wrong before", "[cli]") {
  for (const Arguments& arguments : {Arguments{"--help"}, Arguments{"-h"}, Arguments{"-Ah"},
                                     Arguments{"--all", "-h", "--nope"}}) {
    Flags flags;
    const absl::Status status = flags.Parse(arguments);
    CHECK(absl::IsCancelled(status));
    CHECK(status.message() ==
          "Tests.\n\nUsage: alidade test [flags]\n\nThings:\n"
          "  -A, --all               everything\n"
          "  -f, --follow            stay\n"
          "  -o, --output FORMAT     form (default compact)\n"
          "      --last N            how many\n"
          "      --timeout DURATION  how long (default 5s)\n"
          "      --fields FIELD      which\n");
  }
  CHECK(Flags().Error({"--nope", "-h"}) == "unknown flag: --nope");
}

TEST_CASE("a word is found among flags and their values", "[cli]") {
  const Flags flags;
  CHECK(flags.set.FindWord({"flows"}) == 0);
  CHECK(flags.set.FindWord({"--last", "5", "-f", "flows", "more"}) == 3);
  CHECK(flags.set.FindWord({"--last=5", "-ojson", "-o", "x", "flows"}) == 4);
  CHECK(!flags.set.FindWord({"--last", "flows"}));
  CHECK(!flags.set.FindWord({"--", "flows"}));
}

TEST_CASE("durations are those of Go", "[cli]") {
  CHECK(ParseGoDuration("1h1m1.5s").value() == absl::Milliseconds(3'661'500));
  CHECK(ParseGoDuration("-10s").value() == absl::Seconds(-10));
  CHECK(ParseGoDuration("0").value() == absl::ZeroDuration());
  for (const char* text : {"inf", "-inf", "99999999h", "", "+", "1h 2m"}) {
    INFO(text);
    CHECK(!ParseGoDuration(text).ok());
  }
}

}  // namespace
}  // namespace alidade
