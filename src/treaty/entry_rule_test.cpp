// Rules of entry into force: what they give, and that no date of a register may contradict them.
#include "treaty/entry_rule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>

#include "base/file.h"
#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/article_sheet.h"
#include "treaty/notice.h"
#include "treaty/register.h"
#include "treaty/test_model.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

using Event = EntryRule::Event;
using test::instant;

Wait wait_of(const std::string& text, bool first_of_month = false) {
  Wait out;
  if (!text.empty()) out = *notice_from_text(text);
  out.first_of_month = first_of_month;
  return out;
}

Instrument ruled(Event event, const std::string& wait, int count = 0, bool first_of_month = false) {
  Instrument out;
  EntryRule rule;
  rule.event = event;
  rule.count = count;
  rule.wait = wait_of(wait, first_of_month);
  out.entry_rule = rule;
  return out;
}

// Adds a party; an empty day is a consent that is not known.
PartyEntry& add(Instrument& instrument, const std::string& consented,
                const std::string& kind = "ratification") {
  PartyEntry entry;
  entry.party = static_cast<int>(instrument.parties.size());
  if (!consented.empty()) entry.consented_on = test::date(consented);
  entry.consent = kind;
  return instrument.parties.emplace_back(entry);
}

std::string text(const std::optional<Instant>& day) {
  return day ? format_day(day->seconds() / seconds_per_day) : "";
}
std::string whole(const Instrument& instrument) {
  return text(entry_of_instrument(instrument, std::nullopt).day);
}
std::string of_party(const Instrument& instrument, std::size_t index) {
  return text(entry_of_party(instrument, std::nullopt, instrument.parties[index]).day);
}

TEST(EntryRule, OnSignatureAndAfterIt) {
  auto instrument = ruled(Event::Signature, "");
  add(instrument, "");
  EXPECT_EQ(whole(instrument), "") << "the day of signature is not known";
  instrument.signed_on = test::date("2024-02-29");
  EXPECT_EQ(whole(instrument), "2024-02-29");
  EXPECT_EQ(of_party(instrument, 0), "2024-02-29") << "alike for every party";
  instrument.entry_rule->wait = wait_of("P1Y");
  EXPECT_EQ(whole(instrument), "2025-02-28");
  instrument.entry_rule->wait = wait_of("P30D");
  EXPECT_EQ(whole(instrument), "2024-03-30");
  instrument.signed_on = test::date("2024-02");
  const auto partly = entry_of_instrument(instrument, std::nullopt);
  EXPECT_EQ(text(partly.day), "");
  EXPECT_EQ(text(partly.earliest), "2024-03-02");
}

TEST(EntryRule, TheLastConsentCounts) {
  auto instrument = ruled(Event::LastConsent, "P30D");
  EXPECT_EQ(whole(instrument), "") << "nobody has consented";
  add(instrument, "2024-03-01");
  add(instrument, "2024-01-31");
  EXPECT_EQ(whole(instrument), "2024-03-31");
  EXPECT_EQ(of_party(instrument, 1), "2024-03-31") << "who came first waits for the last";
  add(instrument, "");
  const auto open = entry_of_instrument(instrument, std::nullopt);
  EXPECT_EQ(text(open.day), "");
  EXPECT_EQ(text(open.earliest), "2024-03-31");
  instrument.parties[2].status = Membership::NotParty;
  EXPECT_EQ(whole(instrument), "2024-03-31") << "who is no party need not consent";
  instrument.entry_rule->wait = Wait{};
  EXPECT_EQ(whole(instrument), "2024-03-01") << "the date of the last notification itself";
}

TEST(EntryRule, TheFourthConsentCounts) {
  auto instrument = ruled(Event::NthConsent, "P30D", 4);
  for (const auto* day : {"2011-04-01", "2011-01-01", "2011-03-01"}) add(instrument, day);
  EXPECT_NE(entry_of_instrument(instrument, std::nullopt).not_met, "") << "three are not four";
  add(instrument, "2011-05-03");
  EXPECT_EQ(whole(instrument), "2011-06-02");
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(of_party(instrument, i), "2011-06-02") << i;
  add(instrument, "2011-05-20");
  add(instrument, "2013-12-31");
  EXPECT_EQ(of_party(instrument, 4), "2011-06-19") << "later than the instrument";
  EXPECT_EQ(of_party(instrument, 5), "2014-01-30");
}

TEST(EntryRule, AnUnknownConsentMayHaveComeEarlier) {
  auto instrument = ruled(Event::NthConsent, "P90D", 3);
  for (const auto* day : {"2020-01-01", "2020-02-01", "2020-03-01", ""}) add(instrument, day);
  const auto rule = entry_of_instrument(instrument, std::nullopt);
  EXPECT_EQ(text(rule.day), "");
  EXPECT_EQ(text(rule.earliest), "2020-05-01") << "90 days after the second";
  EXPECT_NE(rule.missing, "");
  EXPECT_TRUE(contradicts(test::date("2020-04-30"), rule));
  EXPECT_FALSE(contradicts(test::date("2020-05-01"), rule));
  EXPECT_FALSE(contradicts(test::date("2020"), rule)) << "a part of that year fits";
  EXPECT_TRUE(contradicts(test::date("2019"), rule));
}

TEST(EntryRule, OnlySomeKindsOfConsentAreCounted) {
  auto instrument = ruled(Event::NthConsent, "", 2);
  instrument.entry_rule->of = {"ratification"};
  add(instrument, "2020-01-01", "accession");
  add(instrument, "2020-02-01");
  add(instrument, "2020-03-01");
  EXPECT_EQ(whole(instrument), "2020-03-01");
  EXPECT_EQ(of_party(instrument, 0), "2020-03-01");
  instrument.parties[0].consent.clear();
  EXPECT_EQ(whole(instrument), "") << "it may have been a ratification";
}

TEST(EntryRule, OwnConsentNeedsNobodyElse) {
  auto instrument = ruled(Event::OwnConsent, "P3M", 0, true);
  add(instrument, "2023-11-30");
  EXPECT_EQ(of_party(instrument, 0), "2024-03-01");
  instrument.in_force_on = test::date("2024-06-15");
  EXPECT_EQ(of_party(instrument, 0), "2024-06-15") << "not before the instrument";
  instrument.in_force_on = test::date("2024");
  EXPECT_EQ(of_party(instrument, 0), "") << "the day of the instrument is not known";
  instrument.in_force_on = test::date("2023");
  EXPECT_EQ(of_party(instrument, 0), "2024-03-01") << "whenever it was in 2023";
}

TEST(EntryRule, NotBeforeAnotherInstrument) {
  auto instrument = ruled(Event::LastConsent, "P30D");
  instrument.entry_rule->not_before = "charter-protocol";
  add(instrument, "2024-01-01");
  EXPECT_EQ(whole(instrument), "") << "nobody knows when that one enters into force";
  const auto after = [&](const char* day) {
    return text(entry_of_instrument(instrument, test::date(day)).day);
  };
  EXPECT_EQ(after("2023-01-01"), "2024-01-31");
  EXPECT_EQ(after("2024-05-05"), "2024-05-05");
  EXPECT_EQ(after("2023"), "2024-01-31") << "whenever it was in 2023";
  EXPECT_EQ(after("2024-01"), "") << "on the first or behind the last of that month";
}

// Ends of months and leap years, for every unit.
TEST(EntryRule, WaitsEndWithTheCalendar) {
  struct Row {
    const char* event;
    const char* wait;
    bool first;
    const char* end;
  };
  for (const auto& [event, wait, first, end] :
       std::vector<Row>{{"2023-01-31", "P1M", false, "2023-02-28"},
                        {"2024-01-31", "P1M", false, "2024-02-29"},
                        {"2023-11-30", "P3M", false, "2024-02-29"},
                        {"2024-02-29", "P1Y", false, "2025-02-28"},
                        {"2024-02-28", "P1D", false, "2024-02-29"},
                        {"2023-02-28", "P1D", false, "2023-03-01"},
                        {"2023-12-02", "P90D", false, "2024-03-01"},
                        {"2022-12-02", "P90D", false, "2023-03-02"},
                        {"2023-11-30", "P3M", true, "2024-03-01"},
                        {"2023-12-01", "P3M", true, "2024-04-01"},
                        {"2024-01-31", "P1M", true, "2024-03-01"},
                        {"2024-12-31", "P2M", true, "2025-03-01"},
                        {"2024-01-02", "P30D", true, "2024-03-01"},
                        {"2024-01-01", "P30D", true, "2024-02-01"},
                        {"2024-02-01", "", true, "2024-03-01"},
                        {"2024-12-15", "", true, "2025-01-01"}}) {
    EXPECT_EQ(text(after_wait(instant(event), wait_of(wait, first))), end)
        << event << " " << wait << " " << first;
  }
}

// ---- a slow reading of the same rules: a calendar that counts days one by one ---------------

struct Day {
  int year, month, day;
  auto operator<=>(const Day&) const = default;
};

int days_in(int year, int month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

Day next(Day day) {
  if (++day.day <= days_in(day.year, day.month)) return day;
  day.day = 1;
  if (++day.month <= 12) return day;
  return {day.year + 1, 1, 1};
}

Day slowly_after(Day day, const Wait& wait) {
  for (int i = 0; i < wait.days; ++i) day = next(day);
  const auto wanted = day.day;
  for (int i = 0; i < wait.months; ++i) {
    day.day = 1;
    for (const auto month = day.month; day.month == month;) day = next(day);
  }
  if (wait.months != 0) day.day = std::min(wanted, days_in(day.year, day.month));
  if (!wait.first_of_month) return day;
  do {
    day = next(day);
  } while (day.day != 1);
  return day;
}

std::string written(Day day) {
  return fmt::format("{:04}-{:02}-{:02}", day.year, day.month, day.day);
}

TEST(EntryRule, AgreesWithACalendarThatCountsDays) {
  const char* seed_text = std::getenv("COMITY_SEED");
  const auto seed = seed_text == nullptr ? 1UL : std::strtoul(seed_text, nullptr, 10);
  std::mt19937_64 random(seed);
  const auto below = [&](int number) {
    return static_cast<int>(random() % static_cast<std::uint64_t>(number));
  };
  const auto rounds = std::max<std::size_t>(100, 20'000 / comity::test::scale());
  for (std::size_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE(fmt::format("seed {}, round {}", seed, round));
    Wait wait;
    if (below(3) == 0) wait.days = 1 + below(100);
    if (wait.days == 0 && below(3) != 0) wait.months = 1 + below(14);
    wait.first_of_month = below(2) == 0;
    const int count = 1 + below(4);
    auto instrument = ruled(Event::NthConsent, "", count);
    instrument.entry_rule->wait = wait;
    std::vector<Day> ends;  // of each consent's wait
    for (int i = 0; i < count + below(3); ++i) {
      Day day{1999 + below(3), 1 + below(12), 0};
      day.day = 1 + below(days_in(day.year, day.month));
      ends.push_back(slowly_after(day, wait));
      add(instrument, written(day));
    }
    // A party is bound on the first day on which enough have waited long enough, itself among them.
    for (std::size_t i = 0; i < ends.size(); ++i) {
      Day day{1999, 1, 1};
      const auto waited = [&](const Day& end) { return end <= day; };
      while (std::count_if(ends.begin(), ends.end(), waited) < count || !waited(ends[i])) {
        day = next(day);
      }
      ASSERT_EQ(of_party(instrument, i), written(day)) << i;
    }
  }
}

// The table of the depositary is the witness, not the register.
TEST(EntryRule, GivesEveryDayOfTheBudapestConvention) {
  const auto table = comity::test::must(
      read_file(comity::test::source_path("tests/data/budapest-parties.tsv"), 64 * 1024));
  auto convention = ruled(Event::NthConsent, "P3M", 5, true);
  std::vector<std::pair<std::string, std::string>> expected;  // code, day
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#') || line.starts_with("code\t")) continue;
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == '\t') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    ASSERT_EQ(cells.size(), 5U) << line;
    add(convention, cells[2], cells[4]);
    expected.emplace_back(cells[0], cells[3]);
  }
  ASSERT_EQ(expected.size(), 81U);
  EXPECT_EQ(whole(convention), "2004-07-01");
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(of_party(convention, i), expected[i].second) << expected[i].first;
  }
  // The register has the same rule and the same days.
  const auto files = comity::test::must(read_register(comity::test::source_path("register")));
  const auto loaded = load_register(files, std::nullopt);
  ASSERT_TRUE(loaded) << as_error(loaded.error()).message;
  const auto& model = **loaded;
  const auto& shipped = model.instruments[static_cast<std::size_t>(*model.instrument("coe-185"))];
  ASSERT_TRUE(shipped.entry_rule);
  EXPECT_EQ(entry_rule_text(*shipped.entry_rule), entry_rule_text(*convention.entry_rule));
  std::size_t parties = 0;
  for (const auto& entry : shipped.parties) {
    if (entry.status != Membership::Party) continue;
    const auto& code = model.parties[static_cast<std::size_t>(entry.party)].code;
    const auto row = std::find_if(expected.begin(), expected.end(),
                                  [&](const auto& one) { return one.first == code; });
    ASSERT_NE(row, expected.end()) << code;
    ASSERT_TRUE(entry.in_force) << code;
    EXPECT_EQ(entry.in_force->written, row->second) << code;
    ++parties;
  }
  EXPECT_EQ(parties, expected.size());
}

TEST(EntryRule, IsSaidInWords) {
  auto rule = *ruled(Event::NthConsent, "P30D", 4).entry_rule;
  EXPECT_EQ(entry_rule_text(rule), "30 days after the 4th consent");
  rule.of = {"ratification", "approval"};
  rule.count = 22;
  EXPECT_EQ(entry_rule_text(rule), "30 days after the 22nd consent (ratification, approval)");
  rule.count = 11;
  rule.not_before = "other-1";
  EXPECT_EQ(entry_rule_text(rule),
            "30 days after the 11th consent (ratification, approval); not before other-1 is in "
            "force");
  EXPECT_EQ(entry_rule_text(*ruled(Event::Signature, "").entry_rule),
            "on the day of the signature");
  EXPECT_EQ(entry_rule_text(*ruled(Event::LastConsent, "P1M", 0, true).entry_rule),
            "on the first day of the month that follows: 1 month after the consent of the last "
            "party");
}

// ---- in files ------------------------------------------------------------------------------

// The good register with keys added to [instrument] and to the two parties, whose own days are
// left out.
RegisterFiles with(const std::string& head, const std::string& xb, const std::string& xa) {
  auto files = test::good_register();
  auto& file = files[test::treaty_file];
  const auto put = [&](const std::string& place, const std::string& added) {
    const auto at = file.find(place);
    CHECK(at != std::string::npos);
    file.replace(at, place.size(), added);
  };
  put("languages = ", head + "\nlanguages = ");
  put("in_force = \"2024-06\"\n", xb + "\n");
  put("in_force = 2024-06-01\nuntil = \"2030\"\n", xa + "\n");
  return files;
}

const std::string last = R"(entry = { after = "last-consent", wait = "P30D", provenance = "K:m" })";

TEST(EntryRuleFile, ADateThatContradictsTheRuleIsAProblem) {
  const auto text = test::problems_of(
      with(last, "consented = 2024-05-02", "consented = 2024-03-01\nin_force = 2024-05-31"));
  EXPECT_EQ(text, test::treaty_file +
                      ":23:12: 'in_force' of XA is 2024-05-31, consented 2024-03-01; expected "
                      "2024-06-01, by the rule of entry into force");
  EXPECT_EQ(test::problems_of(with(last, "consented = 2024-05-02",
                                   "consented = 2024-03-01\nin_force = 2024-06-01")),
            "");
  EXPECT_EQ(test::problems_of(with(last, "consented = 2024-05-02",
                                   "consented = 2024-03-01\nin_force = \"2024-06\"")),
            "");
  EXPECT_NE(test::problems_of(with(last, "consented = 2024-05-02",
                                   "consented = 2024-03-01\nin_force = \"2024-05\""))
                .find("'in_force' of XA is 2024-05"),
            std::string::npos);
  // With one consent unknown there is a day before which nothing can be.
  EXPECT_NE(test::problems_of(with(last, "", "consented = 2024-03-01\nin_force = 2024-03-30"))
                .find("no day before 2024-03-31, by the rule"),
            std::string::npos);
  EXPECT_EQ(test::problems_of(with(last, "", "consented = 2024-03-01\nin_force = 2024-03-31")), "");
}

TEST(EntryRuleFile, TheInstrumentsOwnDateIsHeldAgainstItToo) {
  const auto head = last + "\nin_force = 2024-06-02\nin_force_provenance = \"X\"";
  const auto text =
      test::problems_of(with(head, "consented = 2024-05-02", "consented = 2024-03-01"));
  EXPECT_EQ(text, test::treaty_file +
                      ":12:12: 'in_force' is 2024-06-02; expected 2024-06-01, by the rule of entry "
                      "into force");
}

TEST(EntryRuleFile, WhatCannotBeYetIsAProblem) {
  const auto text = test::problems_of(
      with(R"(entry = { after = "nth-consent", count = 3, provenance = "X" })",
           "consented = 2024-05-02", "consented = 2024-03-01\nin_force = 2024-06-01"));
  EXPECT_NE(text.find("3 consents are needed, and 2 can be counted"), std::string::npos) << text;
}

TEST(EntryRuleFile, AMissingDateIsComputedAndNoFact) {
  const auto files = with(last, "consented = 2024-05-02", "consented = 2024-03-01");
  const auto loaded = load_register(files, std::nullopt);
  ASSERT_TRUE(loaded) << as_error(loaded.error()).message;
  const auto& instrument = (*loaded)->instruments.at(1);
  for (const auto& entry : instrument.parties) {
    EXPECT_FALSE(entry.in_force) << "never used as a fact";
    ASSERT_TRUE(entry.computed_in_force);
    EXPECT_EQ(entry.computed_in_force->written, "2024-06-01");
  }
  const auto xa = static_cast<std::size_t>(*(*loaded)->party("XA"));
  EXPECT_EQ(instrument.entry(static_cast<int>(xa))->computed_in_force->provenance, "K:m")
      << "no stronger than the rule";
  ASSERT_TRUE(instrument.computed_in_force_on);
  const auto sheet = article_sheet(**loaded, instrument);
  for (const auto* part :
       {"enters into force 30 days after the consent of the last party [K:m]\n",
        "computed by that rule: 2024-06-01 [K:m]\n",
        "in force not known (computed by the rule of entry into force: 2024-06-01 [K:m])"}) {
    EXPECT_NE(sheet.find(part), std::string::npos) << part << "\n" << sheet;
  }
}

TEST(EntryRuleFile, ByRuleMakesTheComputedDayAFact) {
  const auto loaded = load_register(
      with(last, "consented = 2024-05-02", "consented = 2024-03-01\nin_force = \"by-rule\""),
      std::nullopt);
  ASSERT_TRUE(loaded) << as_error(loaded.error()).message;
  const auto& instrument = (*loaded)->instruments.at(1);
  const auto& xa = *instrument.entry(*(*loaded)->party("XA"));
  ASSERT_TRUE(xa.in_force);
  EXPECT_TRUE(xa.in_force_by_rule);
  EXPECT_EQ(xa.in_force->earliest, instant("2024-06-01"));
  EXPECT_EQ(xa.in_force->provenance, "K:m") << "the weakest of the row and the rule";
  const auto& xb = *instrument.entry(*(*loaded)->party("XB"));
  EXPECT_FALSE(xb.in_force) << "only where the file says so";
}

TEST(EntryRuleFile, ByRuleNeedsARuleThatGivesADay) {
  const auto by_rule = std::string("in_force = \"by-rule\"");
  EXPECT_NE(test::problems_of(with("", "", by_rule)).find("a rule of entry into force: 'entry'"),
            std::string::npos);
  const auto open = test::problems_of(with(last, "", "consented = 2024-03-01\n" + by_rule));
  EXPECT_NE(open.find("the rule gives no day: the day of every party's consent is not known"),
            std::string::npos)
      << open;
  const auto nobody = test::problems_of(with(
      last, "consented = 2024-05-02", "consented = 2024-03-01\nstatus = \"unknown\"\n" + by_rule));
  EXPECT_NE(nobody.find("its status is not 'party'"), std::string::npos) << nobody;
  const auto early = test::problems_of(with(
      last, "consented = 2024-05-02", "consented = 2024-03-01\nuntil = 2024-05-31\n" + by_rule));
  EXPECT_NE(early.find("the end 2024-05-31 is not after the beginning 2024-06-01"),
            std::string::npos)
      << early;
}

TEST(EntryRuleFile, MistakesAreNamed) {
  struct Bad {
    std::string from, to, part;
  };
  const std::string good =
      R"(entry = { after = "nth-consent", count = 2, of = ["ratification"], wait = "P30D", )"
      R"(first_of_month = true, not_before = "soft-2015", provenance = "X" })";
  EXPECT_EQ(test::problems_of(with(good, "", "")), "");
  for (const auto& bad : std::vector<Bad>{
           {"\"nth-consent\"", "\"first-consent\"", "did you mean 'last-consent'?"},
           {"\"nth-consent\"", "\"last-consent\"", "'count' beside an event that happens once"},
           {"count = 2, ", "", "has no 'count'"},
           {"count = 2", "count = 0", "a whole number, 1 to 1024"},
           {"count = 2", "count = 1025", "a whole number, 1 to 1024"},
           {"count = 2", "count = \"2\"", "a whole number, 1 to 1024"},
           {"\"ratification\"", "\"wish\"", "one of ratification"},
           {"\"P30D\"", "\"30\"", "'wait' is the string '30'"},
           {"\"P30D\"", "\"P101Y\"", "at most 100 years"},
           {"first_of_month = true", "first_of_month = \"yes\"", "true or false"},
           {"\"soft-2015\"", "\"soft-2016\"", "did you mean 'soft-2015'?"},
           {", provenance = \"X\"", "", "has no 'provenance'"},
           {"wait =", "wate =", "unknown key 'wate' in 'entry'"},
           {"{ after", "{ a = 1, after", "unknown key 'a' in 'entry'"},
           {"entry = ", "entry_rule = \"first-of-month-after-three-months\"\nentry = ",
            "'entry_rule' beside 'entry'"}}) {
    auto head = good;
    const auto at = head.find(bad.from);
    ASSERT_NE(at, std::string::npos) << bad.from;
    head.replace(at, bad.from.size(), bad.to);
    const auto text = test::problems_of(with(head, "", ""));
    EXPECT_NE(text.find(bad.part), std::string::npos) << bad.to << "\n" << text;
    EXPECT_TRUE(text.starts_with(test::treaty_file + ":")) << text;
  }
  EXPECT_NE(
      test::problems_of(with("entry = \"soon\"", "", "")).find("'entry' is the string 'soon'"),
      std::string::npos);
  EXPECT_NE(
      test::problems_of(
          with(R"(entry = { after = "signature", of = ["accession"], provenance = "X" })", "", ""))
          .find("'of' in a rule of signature"),
      std::string::npos);
}

TEST(EntryRuleFile, ADenunciationMayWaitForTheFirstOfAMonth) {
  const auto files = with(
      "denunciation_notice = { wait = \"P3M\", first_of_month = true }\n"
      "denunciation_notice_provenance = \"X\"",
      "", "");
  const auto loaded = load_register(files, std::nullopt);
  ASSERT_TRUE(loaded) << as_error(loaded.error()).message;
  const auto& instrument = (*loaded)->instruments.at(1);
  EXPECT_EQ(text(notice_end(instrument, instant("2026-11-24"))), "2027-03-01");
  EXPECT_EQ(instrument.denunciation_notice->written, "P3M, first of the month");
}

}  // namespace
}  // namespace comity::treaty
