#include "node/instrument_skeleton.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/time.h"
#include "exchange/officer.h"
#include "treaty/toml_reader.h"

namespace comity::node {
namespace {

constexpr std::size_t title_bytes_max = 300;
constexpr std::size_t word_bytes_max = 64;
constexpr std::size_t answers_max = 64;  // values of one vocabulary

constexpr const char* clauses = R"TOML(
# One [[clause]] for each operative article, in the order of the text. `says` is the content in your
# own words; the keys below it are what the program decides by. comity treaty show reads it back.
# Forms that recur stand in families.toml: then `family` takes the place of those keys.
[[clause]]
id = "a1"
article = "{article}"
status = "unverified"
provenance = "{source}"
says = "The parties may send each other {what}, for {purpose}."
verb = "permit"                 # permit forbid require empower advise define
action = "share"
between = "parties"             # or from = ["XA"], to = ["XB"]
# designated = "both"           # only between the designated bodies: from, to or both
info = [{info}]
area = [{area}]
purpose = [{purposes}]
# needs = ["arrangement:format-and-protection"]

[[clause]]
id = "a2"
article = "Art. 2"
status = "unverified"
provenance = "{source}"
says = "What one party has sent is passed on only with its consent."
verb = "forbid"
action = "onward"
scope = "origin"                # basis: only under this instrument; origin: sticks to the record
except = "consent"
)TOML";

auto refuse(std::string message) { return fail(ErrorKind::InvalidInput, std::move(message)); }

Status check_day(const char* flag, const std::string& day) {
  if (day.empty() || (day.size() == 10 && parse_day_or_instant(day))) return {};
  return refuse(fmt::format("{} '{}' is no day; expected 2026-11-23", flag, day));
}

Status check_word(const char* flag, const std::string& word) {
  if (exchange::is_plain_text(word, word_bytes_max)) return {};
  return refuse(
      fmt::format("{} '{}': expected a word of at most {} bytes", flag, word, word_bytes_max));
}

Status check_words(const char* flag, const std::vector<std::string>& words,
                   std::size_t most = answers_max) {
  if (words.size() > most) return refuse(fmt::format("{}: at most {} values", flag, most));
  for (std::size_t i = 0; i < words.size(); ++i) {
    TRY_STATUS(check_word(flag, words[i]));
    if (std::find(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(i), words[i]) !=
        words.begin() + static_cast<std::ptrdiff_t>(i)) {
      return refuse(fmt::format("{} has '{}' twice; each value once", flag, words[i]));
    }
  }
  return {};
}

Status check(const NewInstrument& instrument) {
  TRY_STATUS(check_word("the id", instrument.id));
  if (!treaty::is_kebab(instrument.id)) {
    return refuse(fmt::format(
        "the id '{}': expected small letters, digits and single hyphens, such as xa-xb-2026",
        instrument.id));
  }
  TRY_STATUS(check_word("--level", instrument.level));
  TRY_STATUS(check_word("--article", instrument.article));
  TRY_STATUS(check_words("--info", instrument.info));
  TRY_STATUS(check_words("--area", instrument.areas));
  TRY_STATUS(check_words("--purpose", instrument.purposes));
  if (!treaty::is_provenance(instrument.provenance)) {
    return refuse(
        fmt::format("--provenance '{}': expected S, F<number>, K:h, K:m or K:l as in "
                    "sources.toml, or X for what is invented",
                    instrument.provenance));
  }
  TRY_STATUS(check_day("--signed", instrument.signed_on));
  TRY_STATUS(check_day("--in-force", instrument.in_force));
  if (!exchange::is_plain_text(instrument.title, title_bytes_max)) {
    return refuse(
        fmt::format("--title has 1 to {} bytes, without quotes, backslashes or control "
                    "characters",
                    title_bytes_max));
  }
  return {};
}

Result<std::string> made_id(const NewInstrument& instrument) {
  const auto& day = instrument.in_force.empty() ? instrument.signed_on : instrument.in_force;
  if (instrument.parties.size() > 2 || day.empty()) {
    return refuse(
        "an id is needed, such as xa-xb-2026: it is made up only for two parties and a day, "
        "--in-force or --signed");
  }
  std::string out;
  for (const auto& party : instrument.parties) out += party + "-";
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out + day.substr(0, 4);
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", word);
  return out;
}

std::string said(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

Status check_known(const char* flag, const std::vector<std::string>& words,
                   const std::vector<std::string>& known) {
  for (const auto& word : words) {
    if (std::find(known.begin(), known.end(), word) != known.end()) continue;
    auto message = fmt::format("{} '{}' is not in the register; expected ", flag, word);
    // The codes of all states would be no help.
    message += known.size() > answers_max ? std::string("a code of parties.toml")
                                          : fmt::format("one of {}", fmt::join(known, ", "));
    if (const auto near = treaty::nearest(word, known); !near.empty()) {
      message += fmt::format("; did you mean '{}'?", near);
    }
    return refuse(message);
  }
  return {};
}

}  // namespace

Result<NewInstrument> completed(NewInstrument instrument) {
  if (instrument.parties.size() < 2) {
    return refuse("an agreement has two parties at least: give --party twice");
  }
  TRY_STATUS(check_words("--party", instrument.parties, treaty::parties_max));
  TRY_STATUS(check_day("--signed", instrument.signed_on));
  TRY_STATUS(check_day("--in-force", instrument.in_force));
  if (instrument.id.empty()) {
    TRY(instrument.id, made_id(instrument));
  }
  if (instrument.level.empty()) {
    instrument.level = instrument.parties.size() == 2 ? "bilateral" : "multilateral";
  }
  if (instrument.info.empty()) instrument.info = {"indicator", "threat-description"};
  if (instrument.areas.empty()) instrument.areas = {"threat-information"};
  if (instrument.purposes.empty()) instrument.purposes = {"warning"};
  if (instrument.provenance.empty()) instrument.provenance = "X";
  if (instrument.article.empty()) instrument.article = "Art. 1";
  TRY_STATUS(check(instrument));
  return instrument;
}

Status check_answers(const NewInstrument& instrument, const treaty::Model& model) {
  std::vector<std::string> codes;
  for (const auto& party : model.parties) codes.push_back(party.code);
  TRY_STATUS(check_known("--party", instrument.parties, codes));
  TRY_STATUS(check_known("--info", instrument.info, model.vocabulary.classes.values));
  TRY_STATUS(check_known("--area", instrument.areas, model.vocabulary.areas.values));
  TRY_STATUS(check_known("--purpose", instrument.purposes, model.vocabulary.purposes.values));
  TRY_STATUS(check_known("--level", {instrument.level},
                         {"bilateral", "multilateral", "regional", "interregional", "global"}));
  if (const auto index = model.instrument(instrument.id)) {
    return fail(ErrorKind::Conflict,
                fmt::format("the register holds '{}' already; give another id", instrument.id),
                model.instruments[static_cast<std::size_t>(*index)].place);
  }
  return {};
}

std::string instrument_path(const NewInstrument& instrument) {
  return fmt::format("instruments/{}/{}.toml", instrument.level, instrument.id);
}

std::string instrument_skeleton(const NewInstrument& instrument) {
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
  return out + fmt::format(clauses, fmt::arg("source", source),
                           fmt::arg("article", instrument.article),
                           fmt::arg("what", said(instrument.info)),
                           fmt::arg("purpose", said(instrument.purposes)),
                           fmt::arg("info", listed(instrument.info)),
                           fmt::arg("area", listed(instrument.areas)),
                           fmt::arg("purposes", listed(instrument.purposes)));
}

std::vector<std::string> left_open(const NewInstrument& answers) {
  std::vector<std::string> out;
  if (answers.in_force.empty()) {
    out.emplace_back("no --in-force: nothing is permitted before each party has its day");
  }
  if (answers.info.empty()) {
    out.emplace_back("no --info: indicators and descriptions of threats stand there as an example");
  }
  if (answers.purposes.empty()) {
    out.emplace_back("no --purpose: warning stands there as an example");
  }
  if (answers.provenance.empty()) {
    out.emplace_back("no --provenance: X stands there, which says that all of it is invented");
  }
  return out;
}

}  // namespace comity::node
