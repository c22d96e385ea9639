// The calendar against an oracle that knows nothing but days: for each matter of a random register
// it goes over every day of thirty years and asks whether that day may be the one.
#include "treaty/calendar.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/notice.h"
#include "treaty/register.h"
#include "treaty/test_model.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

constexpr std::uint64_t calendar_registers_in_full = 20'000;

std::int64_t day(const std::string& text) {
  return test::instant(text).seconds() / seconds_per_day;
}
Instant start_of(std::int64_t number) { return Instant::from_seconds(number * seconds_per_day); }

CalendarQuestion question_of(const Model& model, const std::string& party, const std::string& from,
                             const std::string& to) {
  CalendarQuestion out;
  out.party = *model.party(party);
  out.from = day(from);
  out.to = day(to);
  out.today = out.from;
  return out;
}

Notice ninety_days() {
  Notice out;
  out.days = 90;
  out.written = "P90D";
  return out;
}

std::vector<std::string> lines_of(const std::vector<LegalDate>& dates) {
  std::vector<std::string> out;
  for (const auto& one : dates) out.push_back(days_text(one.days) + " " + one.id);
  return out;
}

const LegalDate& only(const std::vector<LegalDate>& dates, const std::string& id) {
  const auto found =
      std::find_if(dates.begin(), dates.end(), [&](const LegalDate& one) { return one.id == id; });
  if (found == dates.end()) throw std::runtime_error("no date " + id);
  return *found;
}

std::set<std::string> rests_of(const LegalDate& date) {
  std::set<std::string> out;
  for (const auto& one : date.rests_on) out.insert(one.key);
  return out;
}

// ---- an agreement, date by date ----------------------------------------------------------------

// CN and RU, in force on two days; Art. 5 demands a notice in 60 days, Art. 6 sticks to records.
struct Agreement {
  test::TestRegister build{{"CN", "IN", "RU"}};
  Instrument& paper = build.instrument("paper");
  Agreement() {
    build.entry(paper, "RU", "2026-03-01");
    build.entry(paper, "CN", "2026-02-01");
    auto& notice = build.clause(paper, "c5", Verb::Require, "notify", "poc-data");
    notice.within_days = 60;
    build.clause(paper, "c6", Verb::Forbid, "onward").scope = Scope::Origin;
  }
  PartyEntry& entry(const std::string& code) {
    for (auto& one : paper.parties) {
      if (one.party == build.party(code)) return one;
    }
    throw std::runtime_error("no entry");
  }
  std::vector<LegalDate> of(const std::string& from, const std::string& to,
                            const std::string& party = "CN") {
    return calendar(build.model(), question_of(build.model(), party, from, to));
  }
};

TEST(Calendar, ADutyIsDueSoManyDaysAfterTheLaterEntryIntoForce) {
  Agreement law;
  EXPECT_EQ(lines_of(law.of("2026-01-01", "2026-12-31")),
            (std::vector<std::string>{
                "2026-02-01 entry-into-force.paper.CN", "2026-03-01 entry-into-force.paper.RU",
                "2026-04-30 duty.paper.c5.CN.RU", "2026-04-30 duty.paper.c5.RU.CN"}));
  const auto dates = law.of("2026-01-01", "2026-12-31");
  const auto& duty = only(dates, "duty.paper.c5.CN.RU");
  EXPECT_EQ(duty.clause->article, "Art. 5");
  EXPECT_EQ(duty.other, law.build.party("RU"));
  EXPECT_EQ(rests_of(duty), std::set<std::string>{"rests.unverified"});
  EXPECT_FALSE(duty.late);
  EXPECT_TRUE(law.of("2026-01-01", "2026-12-31", "IN").empty()) << "it is no party";
}

TEST(Calendar, TheWindowHoldsItsFirstAndItsLastDay) {
  Agreement law;
  EXPECT_EQ(law.of("2026-04-30", "2026-04-30").size(), 2U);
  EXPECT_TRUE(law.of("2026-05-01", "2026-05-01").empty());
  EXPECT_TRUE(law.of("2026-04-29", "2026-04-29").empty());
}

TEST(Calendar, ADutyIsLateFromTheNextDayUntilTheBodyIsEntered) {
  Agreement law;
  auto question = question_of(law.build.model(), "CN", "2026-04-01", "2026-06-01");
  const auto late = [&] {
    return only(calendar(law.build.model(), question), "duty.paper.c5.CN.RU").late;
  };
  question.today = day("2026-04-30");
  EXPECT_FALSE(late());
  question.today = day("2026-05-01");
  EXPECT_TRUE(late());
  auto& body = law.build.designation("paper", "CN");
  EXPECT_FALSE(late());
  EXPECT_EQ(only(calendar(law.build.model(), question), "duty.paper.c5.CN.RU").met, "CN-CERT");
  EXPECT_TRUE(only(calendar(law.build.model(), question), "duty.paper.c5.RU.CN").late)
      << "the other's is another";
  body.assumed = "assumption";
  EXPECT_TRUE(late()) << "what an exercise assumes was notified to nobody";
}

TEST(Calendar, APartlyKnownDateIsASpanAndAnUnknownOneHasNoDay) {
  Agreement law;
  law.entry("RU").in_force = test::date("2026-03");
  auto dates = law.of("2026-01-01", "2026-12-31");
  EXPECT_EQ(days_text(only(dates, "entry-into-force.paper.RU").days), "2026-03-01 to 2026-03-31");
  const auto& ranged = only(dates, "duty.paper.c5.CN.RU");
  EXPECT_EQ(days_text(ranged.days), "2026-04-30 to 2026-05-30");
  EXPECT_TRUE(rests_of(ranged).contains("rests.partly-known"));
  // The other's date decides as long as it is certainly the later one.
  law.entry("CN").in_force = test::date("2026-06-15");
  dates = law.of("2026-01-01", "2026-12-31");
  EXPECT_EQ(days_text(only(dates, "duty.paper.c5.CN.RU").days), "2026-08-14");
  law.entry("RU").in_force.reset();
  dates = law.of("2026-01-01", "2026-12-31");
  EXPECT_EQ(days_text(only(dates, "duty.paper.c5.CN.RU").days), "not known");
  EXPECT_TRUE(rests_of(only(dates, "duty.paper.c5.CN.RU")).contains("rests.not-known"));
  law.entry("RU").status = Membership::Unknown;
  dates = law.of("2026-01-01", "2026-12-31");
  EXPECT_TRUE(rests_of(only(dates, "duty.paper.c5.RU.CN")).contains("rests.status-not-known"));
  law.entry("RU").status = Membership::NotParty;
  EXPECT_EQ(law.of("2026-01-01", "2026-12-31").size(), 1U) << "owed to nobody";
}

TEST(Calendar, AnEndIsFollowedByWhatSurvivesItAndEndsTheDuties) {
  Agreement law;
  law.entry("RU").until = test::date("2026-04-30");
  EXPECT_EQ(lines_of(law.of("2026-04-01", "2026-12-31")),
            (std::vector<std::string>{"2026-04-30 survival.c6.expiry.paper.RU",
                                      "2026-04-30 expiry.paper.RU"}));
  law.paper.clauses[0].survives = true;
  law.paper.clauses[1].survives = false;
  EXPECT_EQ(lines_of(law.of("2026-04-01", "2026-12-31")),
            (std::vector<std::string>{
                "2026-04-30 survival.c5.expiry.paper.RU", "2026-04-30 expiry.paper.RU",
                "2026-04-30 duty.paper.c5.CN.RU", "2026-04-30 duty.paper.c5.RU.CN"}));
  law.paper.clauses[0].survives.reset();
  law.entry("RU").until = test::date("2026-05-01");
  EXPECT_EQ(law.of("2026-04-30", "2026-04-30").size(), 2U) << "it is due on the last day";
}

TEST(Calendar, ANoticeThatRunsIsListedWheneverItEnds) {
  Agreement law;
  law.paper.denunciation_notice = ninety_days();
  EXPECT_EQ(lines_of(law.of("2026-05-01", "2026-05-31")),
            std::vector<std::string>{"not known notice-period.paper.CN"});
  const auto told = [&] {
    return date_phrase(law.build.model(), law.of("2026-05-01", "2026-05-31").at(0)).key;
  };
  EXPECT_EQ(told(), "calendar.notice-period");
  law.paper.denunciation_notice->first_of_month = true;
  EXPECT_EQ(told(), "calendar.notice-to-month");
  law.build.denunciation("paper", "CN", "2026-05-31T23:00:00Z", "2027-08-29T23:00:00Z");
  const std::vector<std::string> running = {
      "2027-08-29 survival.c6.denunciation.paper.denunciation-1.CN",
      "2027-08-29 denunciation.paper.denunciation-1.CN"};
  EXPECT_EQ(lines_of(law.of("2026-05-01", "2026-05-31")), running);
  EXPECT_TRUE(law.of("2026-05-01", "2026-05-30").empty()) << "nobody has given notice yet";
  EXPECT_EQ(lines_of(law.of("2027-08-29", "2027-08-29")), running);
  EXPECT_TRUE(law.of("2027-08-30", "2027-12-31").empty());
}

TEST(Calendar, ASuspensionHasItsInstantsAndPausesDuties) {
  Agreement law;
  auto& one = law.build.suspension("paper", "RU", "2026-04-30T12:00:00Z");
  EXPECT_EQ(lines_of(law.of("2026-05-01", "2026-12-31")),
            std::vector<std::string>{"not known suspension-end.paper.suspension-1.RU"});
  auto question = question_of(law.build.model(), "CN", "2026-04-01", "2026-06-01");
  question.today = question.to;
  auto duty = only(calendar(law.build.model(), question), "duty.paper.c5.CN.RU");
  EXPECT_TRUE(duty.suspended);
  EXPECT_FALSE(duty.late) << "while it lasts nothing is demanded";
  one.from = test::instant("2026-05-01");
  duty = only(calendar(law.build.model(), question), "duty.paper.c5.CN.RU");
  EXPECT_FALSE(duty.suspended);
  EXPECT_TRUE(duty.late);
  one.until = test::instant("2026-07-01T06:00:00Z");
  const auto dates = law.of("2026-05-15", "2026-05-16");
  EXPECT_EQ(lines_of(dates),
            std::vector<std::string>{"2026-07-01 suspension-end.paper.suspension-1.RU"});
  EXPECT_EQ(date_phrase(law.build.model(), dates[0]).args.find("instant")->string()->substr(0, 16),
            "2026-07-01T06:00");
}

TEST(Calendar, WhatTheRuleSaysIsShownUntilTheRegisterKnows) {
  Agreement law;
  auto& ru = law.entry("RU");
  ru.in_force.reset();
  ru.computed_in_force = test::date("2026-05-01");
  const auto dates = law.of("2026-02-02", "2026-12-31");
  EXPECT_EQ(days_text(only(dates, "entry-by-rule.paper.RU").days), "2026-05-01");
  EXPECT_EQ(days_text(only(dates, "duty.paper.c5.CN.RU").days), "not known")
      << "nothing follows from what is not in force";
  ru.in_force = test::date("2026-05-01");
  EXPECT_EQ(days_text(only(law.of("2026-02-02", "2026-12-31"), "duty.paper.c5.CN.RU").days),
            "2026-06-30");
}

TEST(Calendar, AConsultationWithoutIntervalHasNoDay) {
  Agreement law;
  law.build.clause(law.paper, "c7", Verb::Require, "consult");
  EXPECT_EQ(lines_of(law.of("2026-06-01", "2026-06-30")),
            std::vector<std::string>{"not known consultation.paper.c7.CN"});
  // From which day an interval is counted is not known either.
  law.paper.clauses.back().every = ninety_days();
  const auto dates = law.of("2026-06-01", "2026-06-30");
  EXPECT_EQ(lines_of(dates), std::vector<std::string>{"not known consultation.paper.c7.CN"});
  EXPECT_EQ(date_phrase(law.build.model(), dates[0]).key, "calendar.every");
  law.paper.clauses.back().within_days = 365;
  EXPECT_EQ(law.of("2027-03-01", "2027-03-01").size(), 2U);
}

TEST(Calendar, WhatThePartyHasVerifiedIsNotMarked) {
  Agreement law;
  const auto own = test::verify_all(law.build.model());
  auto question = question_of(law.build.model(), "CN", "2026-04-01", "2026-06-01");
  question.own = &own;
  EXPECT_TRUE(only(calendar(law.build.model(), question), "duty.paper.c5.CN.RU").rests_on.empty());
}

TEST(Calendar, IdsStayWhenADayChanges) {
  Agreement law;
  const auto ids = [&] {
    std::set<std::string> out;
    for (const auto& one : law.of("2026-01-01", "2026-12-31")) out.insert(one.id);
    return out;
  };
  const auto before = ids();
  law.entry("RU").in_force = test::date("2026-05-05");
  EXPECT_EQ(ids(), before);
}

// ---- reviews, as files have them ----------------------------------------------------------------

RegisterFiles with_line(const std::string& line) {
  auto files = test::good_register();
  auto& text = files["instruments/bilateral/xa-xb-2024.toml"];
  const std::string before = "signed = 2024-03-01\n";
  text.insert(text.find(before), line + "\n");
  return files;
}

TEST(Calendar, AReviewIsCountedFromTheInstrumentsOwnEntryIntoForce) {
  const std::string review =
      R"(reviews = [{ article = "Art. 9", within = "P3Y", says = "It.", provenance = "X" }])";
  const std::string in_force = "\nin_force = 2024-05-31\nin_force_provenance = \"X\"";
  const auto dates_of = [&](const std::string& lines) {
    const auto model = load_register(with_line(lines), std::nullopt);
    CHECK(model);
    const auto dates = calendar(**model, question_of(**model, "XA", "2027-05-31", "2027-05-31"));
    const auto& one = only(dates, "review.xa-xb-2024.1.XA");
    EXPECT_EQ(article_of(one), "Art. 9");
    return days_text(one.days);
  };
  EXPECT_EQ(dates_of(review + in_force), "2027-05-31");
  EXPECT_EQ(dates_of(review), "not known");
}

TEST(Calendar, AReviewThatIsWrittenWrongIsAProblemInItsPlace) {
  for (const auto& [row, expected] : std::vector<std::pair<std::string, std::string>>{
           {R"(article = "Art. 9", within = "P3W", provenance = "X")", "a duration like"},
           {R"(article = "Art. 9", within = 3, provenance = "X")", "a duration like"},
           {R"(article = "Art. 9", provenance = "X")", "within"},
           {R"(within = "P3Y", provenance = "X")", "article"},
           {R"(article = "Art. 9", within = "P3Y")", "provenance"},
           {R"(article = "Art. 9", within = "P3Y", provenance = "X", by = "Z")", "unknown key"}}) {
    const auto model = load_register(with_line("reviews = [{ " + row + " }]"), std::nullopt);
    ASSERT_FALSE(model) << row;
    const auto told = model.error().front().text();
    EXPECT_NE(told.find("xa-xb-2024.toml:9:"), std::string::npos) << told;
    EXPECT_NE(told.find(expected), std::string::npos) << told;
  }
}

// ---- the register as shipped -------------------------------------------------------------------

std::shared_ptr<const Model> shipped(const std::optional<std::string>& exercise) {
  auto files = read_register(comity::test::source_path("register"));
  CHECK(files);
  auto model = load_register(*files, exercise);
  CHECK(model);
  return *model;
}

TEST(Calendar, TheNoticeOfCompetentBodiesOfChinaAndRussia) {
  const auto model = shipped(std::nullopt);
  auto question = question_of(*model, "CN", "2016-10-01", "2016-10-31");
  question.today = day("2016-10-10");
  const auto dates = calendar(*model, question);
  for (const auto* id : {"duty.ru-cn-2015.c5-1.CN.RU", "duty.ru-cn-2015.c5-1.RU.CN"}) {
    const auto& duty = only(dates, id);
    EXPECT_EQ(days_text(duty.days), "2016-10-09");
    EXPECT_EQ(duty.clause->article, "Art. 5(1)");
    EXPECT_TRUE(duty.late);
    EXPECT_TRUE(rests_of(duty).contains("rests.unverified"));
  }
}

// ---- every day of thirty years -----------------------------------------------------------------

const std::int64_t first_day = day("2009-01-01"), last_day = day("2039-12-31");

const std::vector<std::string>& all_days() {
  static const auto out = [] {
    std::vector<std::string> days;
    for (auto i = first_day; i <= last_day; ++i) days.push_back(format_day(i));
    return days;
  }();
  return out;
}
const std::string& text_of(std::int64_t number) {
  return all_days().at(static_cast<std::size_t>(number - first_day));
}

using DaySet = std::set<std::int64_t>;

// The days that what is written may be: those whose text begins so.
const DaySet& possible(const DateFact& fact) {
  static std::map<std::string, DaySet> known;
  auto& out = known[fact.written];
  if (!out.empty()) return out;
  for (auto i = first_day; i <= last_day; ++i) {
    if (text_of(i).starts_with(fact.written)) out.insert(i);
  }
  CHECK(!out.empty());
  return out;
}

DaySet maxima(const DaySet& a, const DaySet& b) {
  DaySet out;
  for (const auto one : a) {
    if (*b.begin() <= one) out.insert(one);
  }
  for (const auto one : b) {
    if (*a.begin() <= one) out.insert(one);
  }
  return out;
}

// What the calendar is to say of one matter.
struct Said {
  std::optional<DaySpan> days;
  bool late = false, suspended = false, met = false;
  std::set<std::string> rests;
  bool operator==(const Said&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Said& one) {
  out << days_text(one.days) << (one.late ? " late" : "") << (one.suspended ? " suspended" : "")
      << (one.met ? " met" : "");
  for (const auto& rest : one.rests) out << " " << rest;
  return out;
}

class Oracle {
 public:
  Oracle(const Model& model, const CalendarQuestion& question) : model_(model), q_(question) {}

  std::map<std::string, Said> run() {
    for (const auto& paper : model_.instruments) {
      const auto* own = paper.entry(q_.party);
      if (paper.binding != Binding::Binding || own == nullptr) continue;
      if (own->status == Membership::NotParty) continue;
      for (const auto& entry : paper.parties) of_entry(paper, *own, entry);
      for (const auto& clause : paper.clauses) of_clause(paper, *own, clause);
      of_changes(paper, *own);
      of_facts(paper, *own);
      of_reviews(paper, *own);
    }
    return std::move(out_);
  }

 private:
  std::string code(int party) const { return model_.parties[static_cast<std::size_t>(party)].code; }
  bool of_paper(int index, const Instrument& paper) const {
    return model_.instruments[static_cast<std::size_t>(index)].id == paper.id;
  }

  // Bound no more when this day begins, whatever day is the right one.
  bool gone(const Instrument& paper, const PartyEntry& entry, std::int64_t on) const {
    if (entry.until) {
      const auto days = possible(*entry.until);
      if (entry.until->full ? *days.rbegin() <= on : *days.rbegin() < on) return true;
    }
    for (const auto& one : model_.denunciations) {
      if (of_paper(one.instrument, paper) && one.party == entry.party &&
          one.effective <= start_of(on)) {
        return true;
      }
    }
    return false;
  }

  bool matters(const Instrument& paper, const PartyEntry& own, int party, std::int64_t on) const {
    return party == own.party || !gone(paper, own, on - 1);
  }

  void say(const std::string& id, Said said, bool always = false) {
    bool in_window = !said.days || always;
    for (auto i = q_.from; said.days && i <= q_.to; ++i) {
      in_window = in_window || (said.days->first <= i && i <= said.days->last);
    }
    if (!in_window) return;
    EXPECT_TRUE(out_.emplace(id, std::move(said)).second) << id << " twice";
  }

  static DaySpan span(const DaySet& days) { return {*days.begin(), *days.rbegin()}; }

  void rest_date(std::set<std::string>& rests, const PartyEntry& entry,
                 const DateFact& fact) const {
    if (!fact.full) rests.insert("rests.partly-known");
    if (!fact.assumed.empty() || !entry.assumed.empty()) {
      rests.insert("rests.assumed");
    } else if ((" " + fact.provenance + " ").find(" K:l ") != std::string::npos) {
      rests.insert("rests.weak");
    }
  }
  std::set<std::string> rest_entry(const PartyEntry& entry) const {
    std::set<std::string> rests;
    if (entry.status == Membership::Unknown) rests.insert("rests.status-not-known");
    if (entry.status != Membership::Unknown && !entry.in_force) rests.insert("rests.not-known");
    if (entry.status != Membership::Unknown && entry.in_force) {
      rest_date(rests, entry, *entry.in_force);
    } else if (!entry.assumed.empty()) {
      rests.insert("rests.assumed");
    }
    return rests;
  }
  std::string rest_clause(const Instrument& paper, const Clause& clause) const {
    if (!clause.assumed.empty()) return "rests.assumed";
    return q_.own->holds(paper.id, clause.digest) ? "" : "rests.unverified";
  }
  static void put(std::set<std::string>& rests, const std::string& key) {
    if (!key.empty()) rests.insert(key);
  }

  void of_entry(const Instrument& paper, const PartyEntry& own, const PartyEntry& entry) {
    if (entry.status == Membership::NotParty) return;
    const auto tail = paper.id + "." + code(entry.party);
    Said begins{{}, false, false, false, rest_entry(entry)};
    const bool is_party = entry.status == Membership::Party;
    if (is_party && entry.in_force) {
      begins.days = span(possible(*entry.in_force));
      if (matters(paper, own, entry.party, begins.days->first)) {
        say("entry-into-force." + tail, begins);
      }
    } else if (is_party && entry.computed_in_force) {
      Said said;
      said.days = span(possible(*entry.computed_in_force));
      rest_date(said.rests, entry, *entry.computed_in_force);
      if (matters(paper, own, entry.party, said.days->first)) say("entry-by-rule." + tail, said);
    } else if (entry.party == own.party && !gone(paper, entry, q_.from)) {
      say("entry-into-force." + tail, begins);
    }
    if (entry.until) {
      Said ends;
      ends.days = span(possible(*entry.until));
      rest_date(ends.rests, entry, *entry.until);
      if (matters(paper, own, entry.party, ends.days->first)) {
        with_survivals(paper, "expiry." + tail, ends, false);
      }
    }
  }

  static bool survives(const Clause& clause) {
    if (clause.survives) return *clause.survives;
    return clause.verb == Verb::Forbid && clause.scope == Scope::Origin;
  }

  void with_survivals(const Instrument& paper, const std::string& id, const Said& ends,
                      bool always) {
    say(id, ends, always);
    for (const auto& clause : paper.clauses) {
      if (!survives(clause)) continue;
      auto said = ends;
      put(said.rests, rest_clause(paper, clause));
      say(fmt::format("survival.{}.{}", clause.id, id), said, always);
    }
  }

  bool meant(const Side& side, const PartyEntry& entry) const {
    const auto& party = model_.parties[static_cast<std::size_t>(entry.party)];
    if (side.kind == SideKind::ThirdParties) return false;
    if (side.kind == SideKind::Listed) {
      return side.listed.test(static_cast<std::size_t>(entry.party));
    }
    return party.kind == PartyKind::State || party.kind == PartyKind::Observer ||
           party.kind == PartyKind::Invented;
  }

  void of_clause(const Instrument& paper, const PartyEntry& own, const Clause& clause) {
    if (clause.verb != Verb::Require) return;
    const auto consult = *model_.vocabulary.actions.index("consult");
    const bool consults = ((clause.actions >> consult) & 1U) != 0;
    const auto head =
        fmt::format("{}.{}.{}", consults ? "consultation" : "duty", paper.id, clause.id);
    if (!clause.within_days) {
      if (!consults && !clause.every) return;
      if (gone(paper, own, q_.from) && !survives(clause)) return;
      if (!meant(clause.from, own) && !meant(clause.to, own)) return;
      if (own.in_force && *possible(*own.in_force).begin() > q_.to) return;
      Said said{{}, false, false, false, rest_entry(own)};
      put(said.rests, rest_clause(paper, clause));
      say(head + "." + code(own.party), said);
      return;
    }
    for (const auto& a : paper.parties) {
      for (const auto& b : paper.parties) {
        const bool mine = (a.party == own.party) != (b.party == own.party);
        if (mine && meant(clause.from, a) && meant(clause.to, b)) due(paper, clause, a, b, head);
      }
    }
  }

  void due(const Instrument& paper, const Clause& clause, const PartyEntry& a, const PartyEntry& b,
           const std::string& head) {
    if (a.status == Membership::NotParty || b.status == Membership::NotParty) return;
    Said said;
    auto by = q_.from;
    if (a.status == Membership::Party && b.status == Membership::Party && a.in_force &&
        b.in_force) {
      DaySet dues;
      for (const auto one : maxima(possible(*a.in_force), possible(*b.in_force))) {
        dues.insert(one + *clause.within_days);
      }
      said.days = span(dues);
      by = said.days->first;
      for (const auto& one : model_.suspensions) {
        const bool of_these =
            of_paper(one.instrument, paper) && (one.party == a.party || one.party == b.party);
        // Any instant of the day, the first and the last among them.
        const auto lasts = [&](Instant at) { return one.lasts(at); };
        const Instant first = start_of(by), last{start_of(by + 1).micros - 1};
        const bool within = one.from >= first && one.from <= last;
        said.suspended = said.suspended || (of_these && (lasts(first) || lasts(last) || within));
      }
    }
    if (!survives(clause) && (gone(paper, a, by) || gone(paper, b, by))) return;
    const auto poc = *model_.vocabulary.classes.index("poc-data");
    const auto notify = *model_.vocabulary.actions.index("notify");
    if (((clause.info >> poc) & 1U) != 0 && ((clause.actions >> notify) & 1U) != 0) {
      for (const auto& one : model_.designations) {
        said.met = said.met ||
                   (of_paper(one.instrument, paper) && one.party == a.party && one.assumed.empty());
      }
    }
    said.late = said.days && said.days->last < q_.today && !said.met && !said.suspended;
    said.rests = rest_entry(a);
    said.rests.merge(rest_entry(b));
    put(said.rests, rest_clause(paper, clause));
    say(fmt::format("{}.{}.{}", head, code(a.party), code(b.party)), said);
  }

  const PartyEntry* bound(const Instrument& paper, int index, int party) const {
    const auto* entry = of_paper(index, paper) ? paper.entry(party) : nullptr;
    return entry == nullptr || entry->status == Membership::NotParty ? nullptr : entry;
  }

  // The day whose first instant is the last one not after it.
  static std::int64_t day_with(Instant at) {
    for (auto i = first_day; i <= last_day; ++i) {
      if (at >= start_of(i) && at < start_of(i + 1)) return i;
    }
    throw std::runtime_error("beyond the years of this test");
  }

  void of_changes(const Instrument& paper, const PartyEntry& own) {
    bool leaves = false;
    for (const auto& one : model_.denunciations) {
      if (bound(paper, one.instrument, one.party) == nullptr) continue;
      leaves = leaves || one.party == own.party;
      Said said;
      const auto ends = day_with(one.effective);
      said.days = DaySpan{ends, ends};
      if (!matters(paper, own, one.party, ends)) continue;
      bool runs = false;  // on one of the days that are asked about
      for (auto i = q_.from; i <= q_.to; ++i) {
        runs = runs || (one.notified < start_of(i + 1) && one.effective > start_of(i));
      }
      with_survivals(paper, fmt::format("denunciation.{}.{}.{}", paper.id, one.id, code(one.party)),
                     said, runs);
    }
    if (paper.denunciation_notice && !leaves && !gone(paper, own, q_.from)) {
      say("notice-period." + paper.id + "." + code(own.party), {});
    }
    for (const auto& one : model_.suspensions) {
      if (bound(paper, one.instrument, one.party) == nullptr) continue;
      const auto tail = fmt::format("{}.{}.{}", paper.id, one.id, code(one.party));
      Said begins, ends;
      const auto from = day_with(one.from);
      if (!matters(paper, own, one.party, from)) continue;
      begins.days = DaySpan{from, from};
      say("suspension." + tail, begins);
      bool runs = false;
      for (auto i = q_.from; i <= q_.to; ++i) {
        runs = runs || (one.from < start_of(i + 1) && (!one.until || *one.until > start_of(i)));
      }
      if (one.until) ends.days = DaySpan{day_with(*one.until), day_with(*one.until)};
      if (one.until || runs) say("suspension-end." + tail, ends, runs);
    }
  }

  void of_facts(const Instrument& paper, const PartyEntry& own) {
    const auto dated = [](const DateFact& fact, const std::string& assumed) {
      Said said;
      said.days = span(possible(fact));
      if (!assumed.empty()) said.rests.insert("rests.assumed");
      if (!fact.full) said.rests.insert("rests.day-partly-known");
      return said;
    };
    for (const auto& one : model_.arrangements) {
      if (!of_paper(one.instrument, paper) || !one.in_force) continue;
      if (!one.parties.test(static_cast<std::size_t>(own.party))) continue;
      say(fmt::format("arrangement.{}.{}.{}", paper.id, one.id, code(own.party)),
          dated(*one.in_force, one.assumed));
    }
    int number = 0;
    for (const auto& one : model_.designations) {
      if (!of_paper(one.instrument, paper)) continue;
      ++number;
      if (bound(paper, one.instrument, one.party) == nullptr || !one.since) continue;
      auto said = dated(*one.since, one.assumed);
      said.met = true;  // carries the body
      if (matters(paper, own, one.party, said.days->first)) {
        say(fmt::format("designation.{}.{}.{}", paper.id, number, code(one.party)), said);
      }
    }
  }

  // So many months after a day: the same day of that month, or its last.
  static std::int64_t months_after(std::int64_t from, int months) {
    const auto& text = text_of(from);
    const int count = std::stoi(text.substr(0, 4)) * 12 + std::stoi(text.substr(5, 2)) - 1 + months;
    for (int of_month = std::stoi(text.substr(8)); of_month > 0; --of_month) {
      const auto found = days_from_date(count / 12, count % 12 + 1, of_month);
      if (found) return *found;
    }
    throw std::runtime_error("a month without days");
  }

  void of_reviews(const Instrument& paper, const PartyEntry& own) {
    int number = 0;
    for (const auto& one : paper.reviews) {
      Said said;
      auto by = q_.from;
      if (paper.in_force_on) {
        DaySet dues;
        for (const auto began : possible(*paper.in_force_on)) {
          dues.insert(one.within.months != 0 ? months_after(began, one.within.months)
                                             : began + one.within.days);
        }
        said.days = span(dues);
        by = said.days->first;
        if (!paper.in_force_on->full) said.rests.insert("rests.instrument-partly-known");
      } else {
        said.rests.insert("rests.instrument-not-known");
      }
      ++number;
      if (!gone(paper, own, by)) {
        say(fmt::format("review.{}.{}.{}", paper.id, number, code(own.party)), said);
      }
    }
  }

  const Model& model_;
  const CalendarQuestion& q_;
  std::map<std::string, Said> out_;
};

// A random register with more of what has days.
Model random_law(std::uint64_t seed) {
  auto model = test::random_model(seed);
  test::Dice dice(seed * 7 + 3);
  const auto& words = model.vocabulary;
  static const std::vector<std::string> dates = {"2012-03-01", "2014-06-15", "2020-02-29",
                                                 "2015",       "2017-05",    "2016-12"};
  for (auto& paper : model.instruments) {
    if (dice.chance(40)) paper.denunciation_notice = ninety_days();
    if (dice.chance(70)) paper.in_force_on = test::date(dice.one(dates));
    if (dice.chance(50)) {
      for (const auto* wait : {"P100D", "P2Y", "P1M"}) {
        paper.reviews.push_back({"Art. 9", "", "X", *notice_from_text(wait)});
      }
    }
    for (auto& entry : paper.parties) {
      if (dice.chance(25)) entry.in_force.reset();
      if (dice.chance(40)) entry.computed_in_force = test::date(dice.one(dates), "K:l");
      if (dice.chance(15)) entry.until = test::date(dice.one<std::string>({"2021-01", "2018"}));
    }
    for (auto& clause : paper.clauses) {
      if (dice.chance(20)) clause.survives = dice.chance(50);
      if (!dice.chance(40)) continue;
      clause.verb = Verb::Require;
      clause.actions =
          test::bits(words.actions, dice.one<std::string>({"notify", "consult", "notify consult"}));
      clause.info = dice.chance(60) ? test::bits(words.classes, "poc-data") : 0;
      clause.within_days.reset();
      if (dice.chance(30)) clause.every = ninety_days();
      if (dice.chance(70)) clause.within_days = 1 + static_cast<int>(dice.below(700));
    }
  }
  return model;
}

TEST(Calendar, SaysOfRandomRegistersWhatEveryDayOfThirtyYearsSays) {
  std::size_t dates = 0, spans = 0, without = 0, late = 0, suspended = 0;
  const auto count = calendar_registers_in_full / comity::test::scale() + 1;
  // Enough of everything to mean something.
  const auto met = [&] {
    return dates > count * 2 && std::min({spans, without, late}) > count / 20 && suspended > 0;
  };
  for (std::uint64_t i = 0; comity::test::draws_again(i, count, calendar_registers_in_full, met());
       ++i) {
    const auto seed = comity::test::seed() * 1'000'003 + i;
    const auto model = random_law(seed);
    test::Dice dice(seed);
    const auto own = test::random_verifications(model, seed);
    CalendarQuestion question;
    question.party = static_cast<int>(dice.below(model.parties.size()));
    question.from = day("2011-01-01") + static_cast<std::int64_t>(dice.below(3650));
    question.to = question.from + static_cast<std::int64_t>(dice.below(dice.chance(50) ? 3 : 1500));
    question.today = question.from + static_cast<std::int64_t>(dice.below(700));
    question.own = &own;
    const auto expected = Oracle(model, question).run();
    std::map<std::string, Said> found;
    const auto answer = calendar(model, question);
    std::int64_t before = INT64_MIN;
    for (const auto& one : answer) {
      Said said{one.days, one.late, one.suspended, !one.met.empty(), rests_of(one)};
      EXPECT_TRUE(found.emplace(one.id, said).second) << one.id << " twice";
      const auto first = one.days ? one.days->first : INT64_MAX;
      EXPECT_GE(first, before) << "out of order";
      before = first;
      ++dates;
      spans += one.days && !one.days->exact();
      without += !one.days;
      late += one.late;
      suspended += one.suspended;
    }
    ASSERT_EQ(found, expected) << "seed " << seed;
  }
  EXPECT_TRUE(met()) << dates << " dates, " << spans << " spans, " << without << " without, "
                     << late << " late, " << suspended << " suspended";
}

}  // namespace
}  // namespace comity::treaty
