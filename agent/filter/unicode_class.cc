// SPDX-License-Identifier: Apache-2.0
#include "agent/filter/unicode_class.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "agent/filter/concat.h"

namespace alidade {
namespace {

struct Alias {
  std::string_view bare;  // lower case, without separators
  std::string_view name;  // of RE2
};

// Categories by their long names (Unicode's PropertyValueAliases.txt).
constexpr Alias kCategories[] = {
    {"letter", "L"},
    {"uppercaseletter", "Lu"},
    {"lowercaseletter", "Ll"},
    {"titlecaseletter", "Lt"},
    {"modifierletter", "Lm"},
    {"otherletter", "Lo"},
    {"mark", "M"},
    {"combiningmark", "M"},
    {"nonspacingmark", "Mn"},
    {"spacingmark", "Mc"},
    {"enclosingmark", "Me"},
    {"number", "N"},
    {"decimalnumber", "Nd"},
    {"digit", "Nd"},
    {"letternumber", "Nl"},
    {"othernumber", "No"},
    {"punctuation", "P"},
    {"punct", "P"},
    {"connectorpunctuation", "Pc"},
    {"dashpunctuation", "Pd"},
    {"openpunctuation", "Ps"},
    {"closepunctuation", "Pe"},
    {"initialpunctuation", "Pi"},
    {"finalpunctuation", "Pf"},
    {"otherpunctuation", "Po"},
    {"symbol", "S"},
    {"mathsymbol", "Sm"},
    {"currencysymbol", "Sc"},
    {"modifiersymbol", "Sk"},
    {"othersymbol", "So"},
    {"separator", "Z"},
    {"spaceseparator", "Zs"},
    {"lineseparator", "Zl"},
    {"paragraphseparator", "Zp"},
    {"other", "C"},
    {"control", "Cc"},
    {"cntrl", "Cc"},
    {"format", "Cf"},
    {"surrogate", "Cs"},
    {"privateuse", "Co"},
};

// Scripts of more than one word; the others are a capital and small letters.
constexpr std::string_view kScripts[] = {
    "Anatolian_Hieroglyphs",
    "Bassa_Vah",
    "Canadian_Aboriginal",
    "Caucasian_Albanian",
    "Dives_Akuru",
    "Egyptian_Hieroglyphs",
    "Gunjala_Gondi",
    "Hanifi_Rohingya",
    "Imperial_Aramaic",
    "Inscriptional_Pahlavi",
    "Khitan_Small_Script",
    "Inscriptional_Parthian",
    "Linear_A",
    "Linear_B",
    "Masaram_Gondi",
    "Meetei_Mayek",
    "Mende_Kikakui",
    "Meroitic_Cursive",
    "Meroitic_Hieroglyphs",
    "New_Tai_Lue",
    "Nyiakeng_Puachue_Hmong",
    "Ol_Chiki",
    "Old_Hungarian",
    "Old_Italic",
    "Old_North_Arabian",
    "Old_Permic",
    "Old_Persian",
    "Old_Sogdian",
    "Old_South_Arabian",
    "Old_Turkic",
    "Old_Uyghur",
    "Pahawh_Hmong",
    "Pau_Cin_Hau",
    "Phags_Pa",
    "Psalter_Pahlavi",
    "SignWriting",
    "Sora_Sompeng",
    "Syloti_Nagri",
    "Tai_Le",
    "Tai_Tham",
    "Tai_Viet",
    "Warang_Citi",
    "Zanabazar_Square",
};

// What is no class of RE2's, as the members of one.
constexpr Alias kMembers[] = {
    {"ascii", R"(\x00-\x7F)"},
    {"lc", R"(\p{Lu}\p{Ll}\p{Lt})"},
    {"casedletter", R"(\p{Lu}\p{Ll}\p{Lt})"},
    {"assigned", R"(\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\p{C})"},
};
// The same for what is not in a class.
constexpr Alias kOtherMembers[] = {
    {"ascii", R"(\x{80}-\x{10FFFF})"},
};

std::string Bare(std::string_view name) {
  std::string bare;
  for (const char c : name) {
    if (c == ' ' || c == '_' || c == '-') continue;
    bare.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return bare;
}

template <size_t N>
std::string_view Find(const Alias (&aliases)[N], std::string_view bare) {
  const auto* const found = std::find_if(std::begin(aliases), std::end(aliases),
                                         [bare](const Alias& alias) { return alias.bare == bare; });
  return found == std::end(aliases) ? std::string_view() : found->name;
}

std::string NameOf(std::string_view bare) {
  if (const std::string_view category = Find(kCategories, bare); !category.empty()) {
    return std::string(category);
  }
  for (const std::string_view script : kScripts) {
    if (Bare(script) == bare) return std::string(script);
  }
  std::string name(bare);
  if (!name.empty()) name[0] = absl::ascii_toupper(static_cast<unsigned char>(name[0]));
  return name;
}

}  // namespace

std::string SpellUnicodeClass(std::string_view name, bool negated, bool in_brackets) {
  std::string_view positive = name;
  if (positive.starts_with('^')) {
    positive.remove_prefix(1);
    negated = !negated;
  }
  std::string bare = Bare(positive);
  // Unassigned is what is not assigned.
  if (bare == "cn" || bare == "unassigned") {
    bare = "assigned";
    negated = !negated;
  }
  if (const std::string_view members = Find(kMembers, bare); !members.empty()) {
    if (!in_brackets) return Concat(negated ? "[^" : "[", members, "]");
    if (!negated) return std::string(members);
    if (const std::string_view others = Find(kOtherMembers, bare); !others.empty()) {
      return std::string(others);
    }
  }
  return Concat(negated ? "\\P{" : "\\p{", NameOf(bare), "}");
}

}  // namespace alidade
