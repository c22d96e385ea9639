#include "atlas/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/test_source_dir.h"
#include "base/test_support.h"
#include "treaty/reference.h"
#include "treaty/register.h"
#include "treaty/test_model.h"

namespace comity::atlas {
namespace {

using comity::test::must;
using treaty::Mode;
using treaty::Model;
using treaty::VerdictKind;
using treaty::Verifications;

constexpr std::uint64_t worlds = 60;

const std::map<std::string, BasisLevel> level_words = {
    {"bilateral", BasisLevel::Bilateral}, {"multilateral", BasisLevel::Multilateral},
    {"regional", BasisLevel::Regional},   {"interregional", BasisLevel::Regional},
    {"global", BasisLevel::Global},       {"national", BasisLevel::Global}};

// In a register file an assumption fills exactly one gap; the random registers use four for all.
Model with_own_assumptions(Model model) {
  int number = 0;
  const auto renew = [&](std::string& id) {
    if (id.empty()) return;
    id += "-" + std::to_string(++number);
    model.assumptions.push_back({id, "reason of " + id});
  };
  for (auto& instrument : model.instruments) {
    for (auto& entry : instrument.parties) {
      renew(entry.assumed);
      if (entry.in_force) renew(entry.in_force->assumed);
    }
    for (auto& clause : instrument.clauses) renew(clause.assumed);
  }
  for (auto& one : model.arrangements) renew(one.assumed);
  for (auto& one : model.designations) renew(one.assumed);
  return model;
}

// The slow oracle: the reference engine is asked about every party, area by area, in words; and,
// for how sure an instrument is, about a register in which it alone has clauses.
class Oracle {
 public:
  Oracle(const Model& model, const Verifications& own, Mode mode)
      : model_(model), own_(own), mode_(mode) {}

  std::vector<CoverageRow> rows(const CoverageQuestion& question) const {
    std::vector<CoverageRow> out;
    for (int i = 0; i < static_cast<int>(model_.parties.size()); ++i) {
      const auto& party = model_.parties[static_cast<std::size_t>(i)];
      const auto& asking = model_.parties[static_cast<std::size_t>(question.party)];
      if (i != question.party) {
        if (party.kind == treaty::PartyKind::Organisation ||
            party.kind == treaty::PartyKind::Entity) {
          continue;
        }
        if (party.kind == treaty::PartyKind::Invented &&
            asking.kind != treaty::PartyKind::Invented) {
          continue;
        }
      }
      out.push_back(i == question.party ? own_row(i) : best(question, party.code, i));
    }
    return out;
  }

 private:
  static CoverageRow own_row(int party) {
    CoverageRow out;
    out.party = party;
    out.basis = BasisLevel::Own;
    return out;
  }

  treaty::Verdict ask(const Model& model, const CoverageQuestion& question, const std::string& to,
                      const std::string& area) const {
    treaty::Request words;
    words.from = model.parties[static_cast<std::size_t>(question.party)].code;
    words.to = to;
    words.action = "share";
    words.info = {"indicator"};
    words.purpose = "warning";
    words.tlp = "amber";
    words.area = area;
    words.at = question.at;
    const auto resolved = treaty::resolve(model, words);
    CHECK(resolved.has_value());
    return treaty::decide_by_reference(model, own_, mode_, *resolved);
  }

  CoverageRow best(const CoverageQuestion& question, const std::string& to, int party) const {
    const auto& words = model_.vocabulary.areas.values;
    auto areas = words;
    if (question.area) areas = {words[static_cast<std::size_t>(*question.area)]};
    const std::vector<VerdictKind> order = {VerdictKind::Permitted, VerdictKind::Needs,
                                            VerdictKind::Forbidden, VerdictKind::NoBasis};
    std::map<VerdictKind, std::vector<CoverageRow>> found;
    for (const auto& area : areas) {
      auto verdict = ask(model_, question, to, area);
      if (!question.area && area == "content" && verdict.kind == VerdictKind::Forbidden) {
        verdict = {};
        verdict.kind = VerdictKind::NoBasis;
      }
      CoverageRow row;
      row.party = party;
      row.verdict = verdict.kind;
      row.instruments = verdict.basis;
      for (const auto& entry : verdict.basis) {
        const auto& instrument =
            model_.instruments[static_cast<std::size_t>(*model_.instrument(entry.instrument))];
        const auto level = level_words.at(instrument.levels.front().level);
        const auto state = state_of(question, to, area, entry.instrument);
        if (level < row.basis) row.state = BasisState::None;
        if (level <= row.basis) {
          row.basis = level;
          row.state = std::min(row.state, state);
        }
      }
      found[row.verdict].push_back(std::move(row));
    }
    for (const auto kind : order) {
      auto& rows = found[kind];
      if (rows.empty()) continue;
      return *std::min_element(rows.begin(), rows.end(),
                               [](const CoverageRow& a, const CoverageRow& b) {
                                 return std::pair(a.basis, a.state) < std::pair(b.basis, b.state);
                               });
    }
    CHECK(false);
    return {};
  }

  BasisState state_of(const CoverageQuestion& question, const std::string& to,
                      const std::string& area, const std::string& instrument) const {
    auto alone = model_;
    for (auto& other : alone.instruments) {
      if (other.id != instrument) other.clauses.clear();
    }
    const auto verdict = ask(alone, question, to, area);
    auto out = BasisState::Verified;
    for (const auto& assumed : verdict.assumed) {
      if (assumed.id != "unverified" && assumed.id != "weak-date") return BasisState::Assumed;
      out = BasisState::Unverified;
    }
    for (const auto& need : verdict.needs) {
      const bool of_instrument = need.kind == "verification" ||
                                 (need.kind == "fact" && need.what.find(' ') != std::string::npos);
      if (of_instrument) out = BasisState::Unverified;
    }
    return out;
  }

  const Model& model_;
  const Verifications& own_;
  const Mode mode_;
};

std::string text(const CoverageRow& row) {
  std::string out = std::to_string(row.party) + " " + name(row.basis) + " " + name(row.state) +
                    " " + treaty::name(row.verdict);
  return out;
}

void expect_same(const std::vector<CoverageRow>& found, const std::vector<CoverageRow>& expected,
                 const std::string& where) {
  ASSERT_EQ(found.size(), expected.size()) << where;
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(text(found[i]), text(expected[i])) << where;
  }
}

TEST(Coverage, IsWhatTheReferenceSaysOfEveryPartyAndArea) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < worlds; ++seed) {
    const auto model =
        std::make_shared<const Model>(with_own_assumptions(treaty::test::random_model(seed)));
    const auto own = treaty::test::random_verifications(*model, seed);
    const auto mode = treaty::test::random_mode(seed);
    const treaty::CompiledRegister law(model, own, mode);
    const Oracle oracle(*model, own, mode);
    for (const char* day : {"2013-06-01", "2018-01-15", "2026-11-23"}) {
      const auto at = treaty::test::instant(day);
      const auto party = static_cast<int>(seed % model->parties.size());
      for (const auto area : {std::optional<int>(), model->vocabulary.areas.index("content"),
                              model->vocabulary.areas.index("csirt-response")}) {
        const CoverageQuestion question{party, at, area};
        const auto found = must(coverage(law, question));
        expect_same(found, oracle.rows(question), std::to_string(seed) + " " + day);
        for (const auto& row : found) {
          seen.insert(name(row.basis));
          seen.insert(name(row.state));
          seen.insert(treaty::name(row.verdict));
        }
      }
    }
  }
  EXPECT_EQ(seen, (std::set<std::string>{"own", "bilateral", "multilateral", "regional", "global",
                                         "none", "verified", "unverified", "assumed", "permitted",
                                         "needs", "forbidden", "no-basis"}));
}

// What stands behind a row is the basis of one of the areas, its level first.
TEST(Coverage, NamesTheClausesOfItsLevelFirst) {
  for (std::uint64_t seed = 0; seed < worlds; ++seed) {
    const auto model = std::make_shared<const Model>(treaty::test::random_model(seed));
    const auto own = treaty::test::verify_all(*model);
    const treaty::CompiledRegister law(model, own, Mode::Operational);
    for (const auto& row :
         must(coverage(law, {0, treaty::test::instant("2018-01-15"), std::nullopt}))) {
      if (row.basis == BasisLevel::Own || row.basis == BasisLevel::None) {
        EXPECT_TRUE(row.instruments.empty());
        continue;
      }
      ASSERT_FALSE(row.instruments.empty());
      std::vector<BasisLevel> levels;
      for (const auto& entry : row.instruments) {
        const auto& paper =
            model->instruments[static_cast<std::size_t>(*model->instrument(entry.instrument))];
        levels.push_back(level_words.at(paper.levels.front().level));
      }
      EXPECT_EQ(levels.front(), row.basis);
      EXPECT_EQ(*std::min_element(levels.begin(), levels.end()), row.basis);
      const auto end = std::find_if(levels.begin(), levels.end(),
                                    [&](BasisLevel level) { return level != row.basis; });
      EXPECT_EQ(std::count(end, levels.end(), row.basis), 0);
    }
  }
}

TEST(Coverage, OfTheShippedRegisterIsThatOfTheReference) {
  const auto files = must(treaty::read_register(comity::test::source_path("register")));
  auto loaded = treaty::load_register(files, "demo");
  CHECK(loaded);
  const Verifications own;
  const treaty::CompiledRegister law(*loaded, own, Mode::Exercise);
  const Oracle oracle(**loaded, own, Mode::Exercise);
  const auto at = treaty::test::instant("2026-11-23");
  const auto area = (*loaded)->vocabulary.areas.index("threat-information");
  for (const char* code : {"RU", "KZ", "XA"}) {
    const CoverageQuestion question{*(*loaded)->party(code), at, area};
    expect_same(must(coverage(law, question)), oracle.rows(question), code);
  }
}

// "Content" is refused to everybody; where nothing was agreed there is no basis all the same.
TEST(Coverage, WithoutAnAreaNothingAgreedIsNoBasisAndNotForbidden) {
  const auto files = must(treaty::read_register(comity::test::source_path("register")));
  const auto loaded = treaty::load_register(files, "demo");
  CHECK(loaded);
  const treaty::CompiledRegister law(*loaded, {}, Mode::Exercise);
  CoverageQuestion question{*(*loaded)->party("CN"), treaty::test::instant("2026-11-23"), {}};
  const auto verdicts = [&] {
    std::set<std::string> out;
    for (const auto& row : must(coverage(law, question))) {
      if (row.basis == BasisLevel::None) out.insert(treaty::name(row.verdict));
    }
    return out;
  };
  EXPECT_EQ(verdicts(), (std::set<std::string>{"no-basis"}));
  question.area = (*loaded)->vocabulary.areas.index("content");
  EXPECT_EQ(verdicts(), (std::set<std::string>{"forbidden"}));
}

TEST(Coverage, RegisterWithoutTheWordsOfTheQuestionIsSaidSo) {
  treaty::test::TestRegister build({"CN", "RU"});
  auto& classes = build.model().vocabulary.classes.values;
  std::replace(classes.begin(), classes.end(), std::string("indicator"), std::string("sign"));
  const treaty::CompiledRegister law(std::make_shared<const Model>(build.model()), {},
                                     Mode::Exercise);
  const auto found = coverage(law, {0, treaty::test::instant("2026-11-23"), std::nullopt});
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().kind, ErrorKind::InvalidInput);
  EXPECT_NE(found.error().message.find("'indicator'"), std::string::npos) << found.error().text();
}

TEST(Coverage, InventedStatesAreLeftOutUnlessOneAsks) {
  treaty::test::TestRegister build({"CN", "RU", "!SCO", "XA", "XB"});
  build.model().parties[1].kind = treaty::PartyKind::Entity;  // RU, for this test
  const treaty::CompiledRegister law(std::make_shared<const Model>(build.model()), {},
                                     Mode::Exercise);
  const auto codes = [&](const char* asks) {
    std::string out;
    for (const auto& row : must(coverage(
             law, {build.party(asks), treaty::test::instant("2026-11-23"), std::nullopt}))) {
      out += law.model().parties[static_cast<std::size_t>(row.party)].code + " ";
    }
    return out;
  };
  EXPECT_EQ(codes("CN"), "CN ");
  EXPECT_EQ(codes("XA"), "CN XA XB ");
  EXPECT_EQ(codes("RU"), "CN RU ");
}

}  // namespace
}  // namespace comity::atlas
