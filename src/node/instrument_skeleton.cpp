#include "node/instrument_skeleton.h"

#include <fmt/format.h>

#include "base/time.h"
#include "exchange/officer.h"

namespace comity::node {
namespace {

constexpr std::size_t title_bytes_max = 300;
constexpr std::size_t word_bytes_max = 64;

constexpr const char* clauses = R"TOML(
# One [[clause]] for each operative article, in the order of the text. `says` is the content in your
# own words; the keys below it are what the program decides by. comity treaty show reads it back.
[[clause]]
id = "a1"
article = "Art. 1"
status = "unverified"
provenance = "{0}"
says = "The parties may send each other indicators and descriptions of threats, as a warning."
verb = "permit"                 # permit forbid require empower advise define
action = "share"
between = "parties"             # or from = ["XA"], to = ["XB"]
# designated = "both"           # only between the designated bodies: from, to or both
info = ["indicator", "threat-description"]
area = ["threat-information"]
purpose = ["warning"]
# needs = ["arrangement:format-and-protection"]

[[clause]]
id = "a2"
article = "Art. 2"
status = "unverified"
provenance = "{0}"
says = "What one party has sent is passed on only with its consent."
verb = "forbid"
action = "onward"
scope = "origin"                # basis: only under this instrument; origin: sticks to the record
except = "consent"
)TOML";

Status check_day(const char* flag, const std::string& day) {
  if (day.empty() || (day.size() == 10 && parse_day_or_instant(day))) return {};
  return fail(ErrorKind::InvalidInput,
              fmt::format("{} '{}' is no day; expected 2026-11-23", flag, day));
}

Status check_word(const char* flag, const std::string& word) {
  if (exchange::is_plain_text(word, word_bytes_max)) return {};
  return fail(ErrorKind::InvalidInput, fmt::format("{} '{}': expected a word of at most {} bytes",
                                                   flag, word, word_bytes_max));
}

Status check(const NewInstrument& instrument) {
  TRY_STATUS(check_word("id", instrument.id));
  TRY_STATUS(check_word("--level", instrument.level));
  TRY_STATUS(check_word("--provenance", instrument.provenance));
  for (const auto& party : instrument.parties) TRY_STATUS(check_word("--party", party));
  TRY_STATUS(check_day("--signed", instrument.signed_on));
  TRY_STATUS(check_day("--in-force", instrument.in_force));
  if (!exchange::is_plain_text(instrument.title, title_bytes_max)) {
    return fail(ErrorKind::InvalidInput,
                fmt::format("--title has 1 to {} bytes, without quotes, backslashes or control "
                            "characters",
                            title_bytes_max));
  }
  if (instrument.parties.size() < 2) {
    return fail(ErrorKind::InvalidInput,
                "an agreement has two parties at least: give --party twice");
  }
  return {};
}

}  // namespace

Result<std::string> instrument_skeleton(const NewInstrument& instrument) {
  TRY_STATUS(check(instrument));
  const auto& source = instrument.provenance;
  auto out = fmt::format(
      "# Form: docs/formats/register.md. Then: comity treaty enter {0}.toml\n\n"
      "[instrument]\nid = \"{0}\"\ntitle.en = \"{1}\"\nform = \"agreement\"\n"
      "category = \"intergovernmental\"\nbinding = \"binding\"\n"
      "level_claims = [{{ level = \"{2}\", by = \"own\", source = \"{3}\" }}]\n",
      instrument.id, instrument.title, instrument.level, source);
  if (!instrument.signed_on.empty()) {
    out += fmt::format("signed = {}\nsigned_provenance = \"{}\"\n", instrument.signed_on, source);
  }
  out += fmt::format("provenance = \"{}\"\nverification = \"unverified\"\n", source);
  for (const auto& party : instrument.parties) {
    out += fmt::format("\n[[party]]\ncode = \"{}\"\n", party);
    out += instrument.in_force.empty()
               ? std::string(
                     "# in_force = 2026-01-01        # absent: not known, and then no permit\n")
               : fmt::format("in_force = {}\n", instrument.in_force);
    out += fmt::format("provenance = \"{}\"\nverification = \"unverified\"\n", source);
  }
  return out + fmt::format(clauses, source);
}

}  // namespace comity::node
