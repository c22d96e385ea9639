// A register that is loaded with what was read before equals one that is loaded anew, whatever was
// edited in between; and only what changed is read.
//
// COMITY_SEED chooses another sequence of edits, COMITY_SCALE how many: ten thousand divided by it.
#include "treaty/register_cache.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "json/write.h"
#include "treaty/article_sheet.h"
#include "treaty/compiled.h"
#include "treaty/overlay_sheet.h"
#include "treaty/test_model.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

using test::good_register;

constexpr std::uint64_t edits_in_full = 10'000;
std::string words(const Side& side) {
  return fmt::format("{}/{}/{}/{}", static_cast<int>(side.kind), side.listed.count(), side.roles,
                     side.designated);
}

std::string words(const std::optional<DateFact>& date) {
  if (!date) return "-";
  return fmt::format("{}[{}..{}]{}{}{}", date->written, date->earliest.micros, date->latest.micros,
                     date->full, date->provenance, date->assumed);
}

std::string words(const Instrument& one) {
  auto out = fmt::format("{} {} {} {} {} {} {} {}\n", one.id, one.place, one.form, one.category,
                         static_cast<int>(one.binding), one.reference_only, words(one.signed_on),
                         fmt::join(one.successors, ","));
  for (const auto& entry : one.parties) {
    out += fmt::format("{} {} {} {} {} {} {}\n", entry.party, static_cast<int>(entry.status),
                       words(entry.in_force), words(entry.until), entry.provenance, entry.assumed,
                       words(entry.consented_on));
  }
  for (const auto& clause : one.clauses) {
    out += fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}\n", clause.id, clause.place,
                       hex(clause.digest), clause.actions, clause.info, clause.areas,
                       clause.purposes, clause.on, words(clause.from), words(clause.to),
                       static_cast<int>(clause.scope), clause.needs.size(), clause.assumed);
  }
  return out;
}

// All that a model says, as text.
std::string words(const Model& model) {
  auto out = hex(model.digest) + " " + model.exercise + "\n";
  for (const auto& party : model.parties) out += party.code + " " + party.name + "\n";
  for (const auto& instrument : model.instruments) {
    out += words(instrument) + article_sheet(model, instrument) +
           json::write(article_sheet_json(model, instrument)) + "\n";
  }
  for (const auto& overlay : model.overlays) out += overlay_sheet(model, overlay);
  for (const auto& one : model.arrangements) {
    out += fmt::format("{} {} {} {} {}\n", one.id, one.kind, one.instrument, one.parties.count(),
                       words(one.in_force));
  }
  for (const auto& one : model.designations) {
    out += fmt::format("{} {} {} {} {}\n", one.instrument, one.party, one.body, one.areas,
                       words(one.since));
  }
  for (const auto& one : model.assumptions) out += one.id + one.reason + "\n";
  for (const auto& names : {model.vocabulary.classes, model.vocabulary.areas}) {
    out += fmt::format("{}\n", fmt::join(names.values, ","));
  }
  return out;
}

// The model or the problems, as text.
std::string load(const RegisterFiles& files, const std::optional<std::string>& exercise,
                 RegisterCache* cache) {
  const auto model = load_register(files, exercise, cache);
  return model ? words(**model) : as_error(model.error()).message;
}

const std::string rule_of_entry =
    "entry = { after = \"signature\", wait = \"P3M\", not_before = \"xa-xb-2028\", "
    "provenance = \"X\" }\n";

// A register of several agreements, so that some stay as they are.
RegisterFiles several() {
  auto files = good_register();
  const auto text = files.at(test::treaty_file);
  for (int year = 2025; year < 2031; ++year) {
    auto other = text;
    for (auto at = other.find("xa-xb-2024"); at != std::string::npos; at = other.find("xa-xb-2024"))
      other.replace(at, 10, fmt::format("xa-xb-{}", year));
    // Its dates are held against a rule, and against another instrument, after it was read.
    if (year == 2027) other.insert(other.find("languages = "), rule_of_entry);
    files[fmt::format("instruments/bilateral/xa-xb-{}.toml", year)] = other;
  }
  return files;
}

// ---- random edits ------------------------------------------------------------------------------

struct Swap {
  const char *from, *to;
};
// Each is good or bad, in one direction or both.
const std::vector<Swap> swaps = {
    {"in_force = 2024-06-01", "in_force = 2024-07-01"},
    {"in_force = 2024-07-01", "in_force = 2024-06-01"},
    {"until = \"2030\"", "until = \"2031\""},
    {"code = \"XB\"", "code = \"XC\""},
    {"code = \"XC\"", "code = \"XB\""},
    {"info = [\"indicator\"]", "info = [\"traffic-data\"]"},
    {"see = [\"soft-2015\"]", "see = [\"xa-xb-2025\"]"},
    {"verb = \"permit\"", "verb = \"permitt\""},
    {"verb = \"permitt\"", "verb = \"permit\""},
    {"provenance = \"X\"", "provenance = \"F8\""},
    {"provenance = \"F8\"", "provenance = \"X\""},
    {"id = \"a3\"", "id = \"a9\""},
    {"id = \"a9\"", "id = \"a3\""},
    {"title.en = ", "title.en == "},
    {"title.en == ", "title.en = "},
    {"\"evidence\"", "\"evidence\", \"crime\""},
    {"\"evidence\", \"crime\"", "\"evidence\""},
    {"name = \"Gamma\"", "name = \"Delta\""},
    {"kind = \"organisation\"", "kind = \"invented\""},
    {"kind = \"invented\"", "kind = \"state\""},
    {"body = \"XA-CERT\"", "body = \"ALPHA-CERT\""},
    {"kind = \"format\"", "kind = \"contact\""},
    {"binding = \"binding\"", "binding = \"soft\""},
    {"binding = \"soft\"", "binding = \"binding\""},
};

const std::string overlay =
    "[overlay]\nparty = \"XA\"\ntitle.en = \"Law\"\nprovenance = \"X\"\n[[rule]]\nid = \"r1\"\n"
    "article = \"s. 4\"\nprovenance = \"X\"\nverb = \"forbid\"\naction = \"share\"\n";
const std::string suspension =
    "[[suspension]]\nid = \"s1\"\ninstrument = \"xa-xb-2024\"\nparty = \"XA\"\n"
    "from = 2026-11-24T12:00:00Z\nprovenance = \"X\"\n";

void edit(test::Dice& dice, const RegisterFiles& whole, RegisterFiles& files) {
  if (files.empty()) files = whole;
  const auto roll = dice.below(100);
  auto it = std::next(files.begin(), static_cast<std::ptrdiff_t>(dice.below(files.size())));
  if (roll < 60) {
    const auto& [from, to] = swaps[dice.below(swaps.size())];
    const auto at = it->second.find(from);
    if (at != std::string::npos) it->second.replace(at, std::string_view(from).size(), to);
  } else if (roll < 70) {
    const auto back =
        std::next(whole.begin(), static_cast<std::ptrdiff_t>(dice.below(whole.size())));
    files[back->first] = back->second;
  } else if (roll < 78) {
    files.erase(it);
  } else if (roll < 83) {
    // The same instrument under another level: two files of one id.
    files["instruments/regional/xa-xb-2025.toml"] =
        whole.at("instruments/bilateral/xa-xb-2025.toml");
  } else if (roll < 86) {
    files.erase("instruments/regional/xa-xb-2025.toml");
  } else if (roll < 90) {
    files["overlays/xa.toml"] = overlay;
  } else if (roll < 94) {
    files["suspensions/xa.toml"] = suspension;
  } else if (roll < 97) {
    it->second.insert(0, "# a line more\n");  // every place moves
  } else {
    files = whole;
  }
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(RegisterCache, AfterAnyEditsTheModelIsAsIfReadAnew) {
  const auto whole = several();
  const auto seed = from_environment("COMITY_SEED", 20'261'123);
  const auto edits = std::max<std::uint64_t>(
      edits_in_full / std::max<std::uint64_t>(from_environment("COMITY_SCALE", 50), 1), 100);
  std::cout << "COMITY_SEED=" << seed << ", " << edits << " edits\n";
  test::Dice dice(seed);
  RegisterCache cache;
  auto files = whole;
  std::uint64_t good = 0, reused = 0;
  for (std::uint64_t i = 0; i < edits; ++i) {
    const auto count = dice.chance(80) ? 1 : dice.below(4);
    for (std::size_t n = 0; n < count; ++n) edit(dice, whole, files);
    if (files.empty()) files = whole;
    const auto exercise =
        dice.chance(40) ? std::optional<std::string>("demo") : std::optional<std::string>();
    const auto fresh = load(files, exercise, nullptr);
    ASSERT_EQ(load(files, exercise, &cache), fresh) << "edit " << i;
    good += load_register(files, exercise).has_value() ? 1 : 0;
    reused += cache.entries()->reused;
    // What does not load for long says little.
    if (i % 10 == 9) files = whole;
  }
  EXPECT_GT(good * 10, edits) << "hardly any register was good";
  EXPECT_GT(reused, edits) << "hardly anything was reused";
}

// ---- only what changed -------------------------------------------------------------------------

TEST(RegisterCache, OfAChangedInstrumentOnlyItsFileIsRead) {
  auto files = several();
  RegisterCache cache;
  load(files, std::nullopt, &cache);
  const auto all = cache.entries()->read;
  EXPECT_EQ(cache.entries()->reused, 0U);
  load(files, std::nullopt, &cache);
  EXPECT_EQ(cache.entries()->read, 0U);
  EXPECT_EQ(cache.entries()->reused, all);
  auto& text = files.at(test::treaty_file);
  text.replace(text.find("in_force = 2024-06-01"), 21, "in_force = 2024-06-02");
  const auto changed = load(files, std::nullopt, &cache);
  EXPECT_EQ(cache.entries()->read, 1U);
  EXPECT_EQ(cache.entries()->reused, all - 1);
  EXPECT_NE(changed.find("2024-06-02"), std::string::npos);
  files["suspensions/xa.toml"] = suspension;
  load(files, std::nullopt, &cache);
  EXPECT_EQ(cache.entries()->read, 1U);
}

TEST(RegisterCache, AChangedWordOrPartyOrNameReadsEveryInstrument) {
  const auto whole = several();
  const auto instruments =
      static_cast<std::size_t>(std::count_if(whole.begin(), whole.end(), [](const auto& file) {
        return file.first.starts_with("instruments/");
      }));
  const auto read_after = [&](const RegisterFiles& files) {
    RegisterCache cache;
    load(whole, std::nullopt, &cache);
    load(files, std::nullopt, &cache);
    return cache.entries()->read;
  };
  auto files = whole;
  files["parties.toml"] += "[[party]]\ncode = \"XD\"\nname = \"Delta\"\nkind = \"invented\"\n";
  EXPECT_EQ(read_after(files), instruments + 1);
  files = whole;
  files["vocabulary.toml"] += "# a comment\n";
  EXPECT_EQ(read_after(files), instruments + 1);
  files = whole;
  files.erase("instruments/bilateral/xa-xb-2030.toml");
  EXPECT_EQ(read_after(files), instruments - 1);
}

// What is wrong with a date shows when all files are read, also at an instrument that was not read
// again, and is told at the same line.
TEST(RegisterCache, ADateThatAnotherFileMakesWrongIsToldAtItsLine) {
  auto files = several();
  RegisterCache cache;
  load(files, std::nullopt, &cache);
  auto& other = files.at("instruments/bilateral/xa-xb-2028.toml");
  other.insert(other.find("languages = "), "in_force = 2024-08-01\nin_force_provenance = \"X\"\n");
  const auto anew = load(files, std::nullopt, nullptr);
  EXPECT_NE(anew.find("xa-xb-2027.toml:22:12: 'in_force' of XA is 2024-06-01"), std::string::npos)
      << anew;
  for (const std::size_t read : {1U, 0U}) {
    EXPECT_EQ(load(files, std::nullopt, &cache), anew);
    EXPECT_EQ(cache.entries()->read, read);
  }
}

TEST(RegisterCache, HoldsOneRegisterAndNothingThatWasWrong) {
  const auto whole = several();
  RegisterCache cache;
  for (int i = 0; i < 50; ++i) {
    auto files = whole;
    files[test::treaty_file].insert(0, std::string(static_cast<std::size_t>(i), '\n'));
    load(files, std::nullopt, &cache);
  }
  auto entries = cache.entries();
  EXPECT_EQ(entries->instruments.size() + entries->documents.size(),
            entries->read + entries->reused);
  EXPECT_LE(entries->instruments.size() + entries->documents.size(), whole.size());
  auto broken = whole;
  auto& text = broken.at(test::treaty_file);
  text.replace(text.find("verb = \"permit\""), 15, "verb = \"permitt\"");
  const auto said = load(broken, std::nullopt, &cache);
  EXPECT_NE(said.find("'verb' is 'permitt'"), std::string::npos) << said;
  EXPECT_EQ(load(broken, std::nullopt, &cache), said) << "said once and not again";
}

// What a load of the shipped register costs on a processor, read anew and after one file changed;
// no bound is held, for machines differ.
TEST(RegisterCache, TheShippedRegisterForTheRecord) {
  const auto files = comity::test::must(read_register(comity::test::source_path("register")));
  auto changed = files;
  changed.at("instruments/bilateral/ru-cn-2015.toml") += "# a line more\n";
  RegisterCache cache;
  const auto milliseconds = [&](const RegisterFiles& of, RegisterCache* with) {
    const auto begin = std::clock();
    const auto model = load_register(of, std::nullopt, with);
    EXPECT_TRUE(model.has_value());
    return 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  const auto fresh = milliseconds(files, nullptr);
  milliseconds(files, &cache);
  const auto again = milliseconds(changed, &cache);
  EXPECT_EQ(cache.entries()->read, 1U);
  const auto model = *load_register(changed, std::nullopt, &cache);
  const auto begin = std::clock();
  const CompiledRegister compiled(model, {}, Mode::Operational);
  const auto rows = 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::cout << fmt::format(
      "register_load_cpu {:.3f} ms\nregister_load_one_changed_cpu {:.3f} ms\nregister_rows_cpu "
      "{:.3f} ms\n",
      fresh, again, rows);
}

}  // namespace
}  // namespace comity::treaty
