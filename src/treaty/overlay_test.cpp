// National overlays: as files, in both engines, and the law that one never opens anything.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "treaty/article_sheet.h"
#include "treaty/compiled.h"
#include "treaty/overlay_file.h"
#include "treaty/overlay_sheet.h"
#include "treaty/phrase.h"
#include "treaty/reference.h"
#include "treaty/register.h"
#include "treaty/test_model.h"
#include "treaty/test_register.h"

namespace comity::treaty {
namespace {

using test::good_register;

const std::string overlay_file = "overlays/xa.toml";
const std::string overlay_head =
    "[overlay]\nparty = \"XA\"\ntitle.en = \"Law of Alpha\"\nprovenance = \"X\"\n";
const std::string forbid_rule =
    "[[rule]]\nid = \"r1\"\narticle = \"s. 4\"\nprovenance = \"X\"\nverb = \"forbid\"\n"
    "action = \"share\"\ninfo = [\"indicator\"]\n";
const std::string demand =
    "[[rule]]\nid = \"r2\"\narticle = \"s. 5\"\nprovenance = \"X\"\nverb = \"require\"\n"
    "action = [\"share\", \"use\"]\nneeds = [\"four-eyes\"]\n";

RegisterFiles with_overlay(const std::string& text) {
  auto files = good_register();
  files[overlay_file] = text;
  return files;
}

std::string problems(const RegisterFiles& files) {
  const auto model = load_register(files, std::nullopt);
  return model ? "" : as_error(model.error()).message;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto place = text.find(from);
  if (place == std::string::npos) {
    ADD_FAILURE() << "no '" << from << "' in the file";
    return text;
  }
  return text.replace(place, from.size(), to);
}

// ---- files -------------------------------------------------------------------------------------

TEST(OverlayFile, IsReadWithEveryKey) {
  const auto model = test::loaded(
      with_overlay(overlay_head + "note = \"As amended.\"\n" + forbid_rule +
                   "says = \"No indicators.\"\nnote = \"Ask the ministry.\"\nscope = \"always\"\n"
                   "area = [\"evidence\"]\npurpose = [\"warning\"]\nto = [\"XB\", \"UNION\"]\n"
                   "handling_min = \"amber\"\nin_force = 2025-01-01\nuntil = \"2027\"\n" +
                   replaced(demand, "four-eyes\"", "human\", \"rights-record\", \"court-order\"")));
  ASSERT_EQ(model->overlays.size(), 1U);
  const auto& overlay = model->overlays[0];
  EXPECT_EQ(overlay.id, "overlay-xa");
  EXPECT_EQ(overlay.party, model->party("XA"));
  EXPECT_EQ(overlay.title, "Law of Alpha");
  EXPECT_EQ(overlay.note, "As amended.");
  EXPECT_EQ(overlay.place, "overlays/xa.toml:1");
  ASSERT_EQ(overlay.rules.size(), 2U);
  const auto& one = overlay.rules[0];
  EXPECT_TRUE(one.forbids);
  EXPECT_EQ(one.article, "s. 4");
  EXPECT_EQ(one.says, "No indicators.");
  EXPECT_EQ(one.note, "Ask the ministry.");
  EXPECT_EQ(one.actions, bit(Action::Share));
  EXPECT_EQ(one.info, bit(*model->vocabulary.classes.index("indicator")));
  EXPECT_EQ(one.areas, bit(*model->vocabulary.areas.index("evidence")));
  EXPECT_EQ(one.purposes, bit(*model->vocabulary.purposes.index("warning")));
  ASSERT_TRUE(one.to);
  EXPECT_EQ(one.to->count(), 2U);
  EXPECT_EQ(one.handling_min, Tlp::Amber);
  ASSERT_TRUE(one.in_force && one.until);
  EXPECT_EQ(one.in_force->written, "2025-01-01");
  EXPECT_FALSE(one.until->full);
  const auto& two = overlay.rules[1];
  EXPECT_FALSE(two.forbids || two.to || two.in_force || two.until);
  EXPECT_EQ(two.actions, bit(Action::Share) | bit(Action::Use));
  EXPECT_EQ(two.info | two.areas | two.purposes, 0U);
  ASSERT_EQ(two.needs.size(), 3U);
  EXPECT_EQ(two.needs[0].kind, Need::Kind::Human);
  EXPECT_EQ(two.needs[1].kind, Need::Kind::RightsRecord);
  EXPECT_EQ(two.needs[2].kind, Need::Kind::Fact);
  EXPECT_EQ(two.needs[2].fact, model->vocabulary.fact("court-order"));
  EXPECT_EQ(two.place, "overlays/xa.toml:22");
  EXPECT_EQ(model->overlay(*model->party("XA")), &overlay);
  EXPECT_EQ(model->overlay(*model->party("XB")), nullptr);
}

TEST(OverlayFile, AnyActionIsEveryOneButDeclining) {
  const auto model = test::loaded(
      with_overlay(overlay_head + replaced(replaced(forbid_rule, "\"share\"", "\"any\""),
                                           "[\"indicator\"]", "\"any\"")));
  const auto& rule = model->overlays[0].rules[0];
  EXPECT_EQ(rule.actions, (bit(14) - 1) & ~(bit(Action::Refuse) | bit(Action::Withdraw)));
  EXPECT_EQ(rule.info, 0U);
}

TEST(OverlayFile, CountsForTheDigest) {
  const auto bare = register_digest(good_register(), std::nullopt);
  const auto one = register_digest(with_overlay(overlay_head + forbid_rule), std::nullopt);
  EXPECT_NE(bare, one);
  EXPECT_EQ(test::loaded(with_overlay(overlay_head + forbid_rule))->digest, one);
}

struct Wrong {
  const char *from, *to, *problem;
};

TEST(OverlayFile, WhatWouldWidenDoesNotLoad) {
  const auto text = overlay_head + forbid_rule + demand;
  for (const auto& [from, to, problem] : std::initializer_list<Wrong>{
           {"verb = \"forbid\"", "verb = \"permit\"",
            "overlays/xa.toml:9:8: the verb 'permit' in a national overlay; expected forbid or "
            "require: an overlay may only narrow what agreements permit"},
           {"verb = \"forbid\"", "verb = \"empower\"", "overlays/xa.toml:9:8: the verb"},
           {"verb = \"forbid\"", "verb = 1", "overlays/xa.toml:9:8: 'verb' is"},
           {"verb = \"forbid\"\n", "verb = \"forbid\"\nexcept = \"consent\"\n",
            "overlays/xa.toml:10:1: 'except' in a national overlay"},
           {"verb = \"forbid\"\n", "verb = \"forbid\"\nscope = \"basis\"\n",
            "overlays/xa.toml:10:9: 'scope' is 'basis'; expected one of always"},
           {"verb = \"forbid\"\n", "verb = \"forbid\"\nfrom = [\"XB\"]\n",
            "overlays/xa.toml:10:1: 'from' in a national overlay"},
           {"action = \"share\"", "action = \"refuse\"",
            "overlays/xa.toml:10:10: 'action' holds refuse or withdraw; expected other actions: to "
            "decline must always be possible"},
           {"action = \"share\"", "action = [\"share\", \"withdraw\"]",
            "overlays/xa.toml:10:10: 'action' holds refuse or withdraw"},
       }) {
    EXPECT_NE(problems(with_overlay(replaced(text, from, to))).find(problem), std::string::npos)
        << to << ": " << problems(with_overlay(replaced(text, from, to)));
  }
  const auto permits = replaced(forbid_rule, "[[rule]]", "[[permit]]");
  EXPECT_NE(problems(with_overlay(overlay_head + demand + permits))
                .find("overlays/xa.toml:12:3: unknown key 'permit' in the file"),
            std::string::npos)
      << problems(with_overlay(overlay_head + demand + permits));
}

TEST(OverlayFile, WhatIsWrongIsNamed) {
  const auto text = overlay_head + forbid_rule + demand;
  for (const auto& [from, to, problem] : std::initializer_list<Wrong>{
           {"party = \"XA\"", "party = \"XB\"",
            "overlays/xa.toml:2:9: 'party' is 'XB'; expected the file at overlays/xb.toml"},
           {"party = \"XA\"", "party = \"QQ\"", "overlays/xa.toml:2:9: 'party' is 'QQ'"},
           {"title.en", "title.fr", "title has no 'en'"},
           {"title.en", "title.Q", "the language 'Q'"},
           {"title.en = \"Law of Alpha\"", "title = \"Law\"", "3:9: 'title' is"},
           {"[overlay]", "[overlays]", "the file has no 'overlay'"},
           {"action = \"share\"\n", "", "[[rule]] has no 'action'"},
           {"action = \"share\"", "action = \"shake\"",
            "overlays/xa.toml:10:10: 'action' is 'shake'"},
           {"article = \"s. 4\"\n", "", "[[rule]] has no 'article'"},
           {"info = [\"indicator\"]", "info = [\"indicators\"]", "did you mean 'indicator'?"},
           {"info = [\"indicator\"]", "info = []", "a list of at least one string"},
           {"info = [\"indicator\"]", "to = [\"QQ\"]", "'to' is 'QQ'"},
           {"info = [\"indicator\"]", "to = []", "'to' is"},
           {"info = [\"indicator\"]", "handling_min = \"white\"", "'handling_min' is 'white'"},
           {"info = [\"indicator\"]", "handling_max = \"red\"", "unknown key 'handling_max'"},
           {"info = [\"indicator\"]", "needs = [\"human\"]", "'needs' beside the verb forbid"},
           {"info = [\"indicator\"]", "in_force = 2026-01-01\nuntil = 2026-01-01",
            "the end 2026-01-01 is not after the beginning 2026-01-01"},
           {"needs = [\"four-eyes\"]", "", "[[rule]] has no 'needs'"},
           {"needs = [\"four-eyes\"]", "needs = [\"arrangement:format\"]",
            "'needs' is 'arrangement:format'"},
           {"id = \"r2\"", "id = \"r1\"",
            "the rule 'r1' stands in overlays/xa.toml:5 already; expected each id once"},
       }) {
    EXPECT_NE(problems(with_overlay(replaced(text, from, to))).find(problem), std::string::npos)
        << to << ": " << problems(with_overlay(replaced(text, from, to)));
  }
  EXPECT_NE(problems(with_overlay(overlay_head)).find("an overlay without a rule"),
            std::string::npos);
  auto files = good_register();
  files["overlays/deep/xa.toml"] = overlay_head + forbid_rule;
  EXPECT_NE(problems(files).find("overlays/deep/xa.toml: unexpected file"), std::string::npos);
}

TEST(OverlayFile, NoInstrumentHasANameByWhichVerdictsMeanNone) {
  for (const std::string id : {"overlay-xa", "overlay-2015", "national-discretion"}) {
    auto files = good_register();
    const auto path = "instruments/global/" + id + ".toml";
    files[path] = replaced(files["instruments/global/soft-2015.toml"], "soft-2015", id);
    EXPECT_NE(problems(files).find(path + ":"), std::string::npos) << problems(files);
    EXPECT_NE(problems(files).find("the id '" + id + "'"), std::string::npos) << problems(files);
  }
  for (const std::string id : {"overlays-2015", "national-discretion-2015"}) {
    auto files = good_register();
    const auto path = "instruments/global/" + id + ".toml";
    files[path] = replaced(files["instruments/global/soft-2015.toml"], "soft-2015", id);
    EXPECT_EQ(problems(files), "") << id;
  }
}

TEST(OverlayFile, HasAtMostSoManyRules) {
  auto text = overlay_head;
  for (std::size_t i = 0; i < overlay_rules_max; ++i) {
    text += replaced(forbid_rule, "\"r1\"", fmt::format("\"r{}\"", i));
  }
  EXPECT_EQ(problems(with_overlay(text)), "");
  text += replaced(forbid_rule, "\"r1\"", "\"one-more\"");
  EXPECT_NE(problems(with_overlay(text)).find("257 rules; expected at most 256"),
            std::string::npos);
}

TEST(OverlayFile, IsShownAsSentences) {
  const auto model = test::loaded(
      with_overlay(overlay_head + forbid_rule +
                   "area = [\"evidence\"]\nto = [\"XB\"]\nhandling_min = \"amber\"\n" + demand +
                   "in_force = 2025-01-01\nuntil = \"2027\"\nsays = \"Two look.\"\n"));
  const auto& overlay = model->overlays[0];
  EXPECT_EQ(sentence(*model, overlay, overlay.rules[0]),
            "s. 4: XA shall not share indicator with XB in evidence; from TLP:amber on.");
  EXPECT_EQ(sentence(*model, overlay, overlay.rules[1]),
            "s. 5: XA may share information with another party or use information of another party "
            "only with what follows; needs four-eyes; in force from 2025-01-01; until 2027.");
  const auto sheet = overlay_sheet(*model, overlay);
  EXPECT_EQ(sheet.find("overlay-xa: Law of Alpha\nnational overlay of XA: it narrows"), 0U)
      << sheet;
  EXPECT_NE(sheet.find("  r1  s. 4  [provenance X]\n"), std::string::npos) << sheet;
  EXPECT_NE(sheet.find("    It says: Two look.\n"), std::string::npos) << sheet;
  const json::Value data(overlay_sheet_json(*model, overlay));
  EXPECT_EQ(data.text("party"), "XA");
  ASSERT_EQ(data.find("rules")->array()->size(), 2U);
  EXPECT_EQ(data.find("rules")->array()->at(1).text("verb"), "require");
  EXPECT_EQ(data.find("rules")->array()->at(1).text("until"), "2027");
}

TEST(OverlayFile, VerdictsAreReadAgainAsPhrases) {
  const Reason forbids{"overlay-forbids", "overlay-xa", "r1", "s. 4",
                       "forbidden by the national overlay of XA: share of indicator"};
  EXPECT_EQ(reason_phrase(forbids).key, "reason.overlay-forbids");
  const Reason lacks{"overlay-forbids", "overlay-xa", "r1", "s. 4",
                     "the national overlay of XA demands court-order"};
  const auto phrase = reason_phrase(lacks);
  EXPECT_EQ(phrase.key, "reason.overlay-lacks");
  EXPECT_EQ(*phrase.args.find("fact"), to_json(word_phrase("fact", "court-order")));
  const NeedEntry need{"human", "four-eyes under overlay-xa r1 (s. 4)", "two officers of XA"};
  EXPECT_EQ(need_phrase(need).key, "need.human-clause");
}

// ---- engines -----------------------------------------------------------------------------------

// XA, XB and XC may share everything with each other, and XA has rules of its own.
class OverlayEngines : public testing::Test {
 protected:
  OverlayEngines() {
    auto& paper = build_.instrument("paper");
    build_.entries(paper, {"XA", "XB", "XC"});
    build_.clause(paper, "c1", Verb::Permit, "share onward use request refuse withdraw");
  }

  ResolvedRequest request() const {
    ResolvedRequest out;
    out.from = build_.party("XA");
    out.to = build_.party("XB");
    out.info = test::bits(words_.classes, "indicator");
    out.area = words_.areas.index("threat-information");
    out.purpose = words_.purposes.index("warning");
    out.tlp = Tlp::Green;
    out.at = test::instant("2026-11-23");
    out.facts.assign(words_.facts.size(), FactValue::Unknown);
    out.stated.assign(words_.facts.size(), false);
    return out;
  }

  Verdict decide(const ResolvedRequest& request) {
    const auto model = std::make_shared<const Model>(build_.model());
    const auto own = test::verify_all(*model);
    auto verdict = decide_by_reference(*model, own, Mode::Operational, request);
    const CompiledRegister compiled(model, own, Mode::Operational);
    EXPECT_EQ(to_json(compiled.decide(request)), to_json(verdict));
    EXPECT_EQ(compiled.kind(request), verdict.kind);
    return verdict;
  }
  VerdictKind kind(const ResolvedRequest& request) { return decide(request).kind; }

  test::TestRegister build_{{"XA", "XB", "XC"}};
  const Vocabulary words_ = test::vocabulary();
};

TEST_F(OverlayEngines, AForbidIsNamedWithItsRule) {
  auto& rule = build_.overlay_rule("XA", "r1", "share");
  rule.info = test::bits(words_.classes, "indicator vulnerability");
  const auto verdict = decide(request());
  EXPECT_EQ(verdict.kind, VerdictKind::Forbidden);
  EXPECT_TRUE(verdict.basis.empty());
  const Reason expected{
      "overlay-forbids", "overlay-xa", "r1", "s. r1",
      "forbidden by the national overlay of XA: share of indicator, vulnerability"};
  ASSERT_EQ(verdict.reasons, std::vector<Reason>{expected});
}

TEST_F(OverlayEngines, ActsOnlyOnWhatItsOwnPartyDoes) {
  build_.overlay_rule("XA", "r1", "share");
  auto asked = request();
  std::swap(asked.from, asked.to);
  EXPECT_EQ(kind(asked), VerdictKind::Permitted);
  asked.from = build_.party("XC");
  EXPECT_EQ(kind(asked), VerdictKind::Permitted);
  asked.from = build_.party("XA");
  EXPECT_EQ(kind(asked), VerdictKind::Forbidden);
}

TEST_F(OverlayEngines, ADemandIsANeedThatNamesItsRule) {
  auto& rule = build_.overlay_rule("XA", "r1", "share");
  rule.forbids = false;
  rule.needs = {build_.need("four-eyes"), build_.need("rights-record"), build_.need("court-order")};
  auto asked = request();
  const auto verdict = decide(asked);
  EXPECT_EQ(verdict.kind, VerdictKind::Needs);
  const std::vector<NeedEntry> expected{
      {"human", "four-eyes under overlay-xa r1 (s. r1)", "two officers of XA"},
      {"rights-record", "complete rights-record", "XA"},
      {"fact", "court-order", "XA"}};
  EXPECT_EQ(verdict.needs, expected);
  EXPECT_EQ(verdict.basis.size(), 1U);
  rule.needs.erase(rule.needs.begin());
  const auto order = static_cast<std::size_t>(build_.fact("court-order"));
  asked.rights_record = RightsRecord::Complete;
  asked.stated[order] = true;
  asked.facts[order] = FactValue::Yes;
  EXPECT_EQ(kind(asked), VerdictKind::Permitted);
  asked.facts[order] = FactValue::No;
  const auto refused = decide(asked);
  EXPECT_EQ(refused.kind, VerdictKind::Forbidden);
  ASSERT_EQ(refused.reasons.size(), 1U);
  EXPECT_EQ(refused.reasons[0].code, "overlay-forbids");
  EXPECT_EQ(refused.reasons[0].what, "the national overlay of XA demands court-order");
}

TEST_F(OverlayEngines, AJudgementThatIsNotStatedIsNo) {
  auto& rule = build_.overlay_rule("XA", "r1", "share");
  rule.forbids = false;
  rule.needs = {build_.need("urgent")};
  auto asked = request();
  EXPECT_EQ(kind(asked), VerdictKind::Forbidden);
  asked.stated[static_cast<std::size_t>(build_.fact("urgent"))] = true;
  EXPECT_EQ(kind(asked), VerdictKind::Needs);  // stated as unknown
}

TEST_F(OverlayEngines, LastsFromItsFirstPossibleToItsLastPossibleInstant) {
  auto& rule = build_.overlay_rule("XA", "r1", "share");
  rule.in_force = test::date("2026-03");
  rule.until = test::date("2027");
  const std::vector<std::pair<const char*, VerdictKind>> cases = {
      {"2026-02-28T23:59:59.999999Z", VerdictKind::Permitted},
      {"2026-03-01T00:00:00Z", VerdictKind::Forbidden},
      {"2027-12-31T23:59:59.999999Z", VerdictKind::Forbidden},
      {"2028-01-01T00:00:00Z", VerdictKind::Permitted}};
  for (const auto& [at, expected] : cases) {
    auto asked = request();
    asked.at = test::instant(at);
    EXPECT_EQ(kind(asked), expected) << at;
  }
}

TEST_F(OverlayEngines, ActsOnWhatIsPassedOn) {
  build_.overlay_rule("XA", "r1", "onward");
  auto asked = request();
  EXPECT_EQ(kind(asked), VerdictKind::Permitted);
  asked.chain = {{0, build_.party("XC")}};
  EXPECT_EQ(kind(asked), VerdictKind::Forbidden);
}

TEST_F(OverlayEngines, DecliningStaysPossible) {
  auto& rule = build_.overlay_rule("XA", "r1", "share refuse withdraw");
  rule.handling_min = Tlp::Clear;
  for (const auto action : {Action::Refuse, Action::Withdraw}) {
    auto asked = request();
    asked.action = static_cast<int>(action);
    EXPECT_EQ(kind(asked), VerdictKind::Permitted);
  }
}

TEST_F(OverlayEngines, NothingIsOpenedWhereNothingWasPermitted) {
  build_.model().instruments[0].clauses.clear();
  auto& rule = build_.overlay_rule("XA", "r1", "share");
  rule.forbids = false;
  rule.needs = {build_.need("human")};
  const auto verdict = decide(request());
  EXPECT_EQ(verdict.kind, VerdictKind::NoBasis);
  EXPECT_EQ(verdict.needs.size(), 1U);  // what would be missing in any case
}

// Every value of every dimension against a rule for each value: exactly what the rule speaks of is
// closed, and a value that the request does not state is as good as any.
TEST_F(OverlayEngines, EveryDimensionByEnumeration) {
  auto& rule = build_.overlay_rule("XA", "r1", "share");
  struct Dimension {
    std::size_t count;
    void (*narrow)(OverlayRule&, int);
    void (*ask)(ResolvedRequest&, int);
  };
  const std::vector<Dimension> dimensions = {
      {words_.areas.values.size(), [](OverlayRule& one, int i) { one.areas = bit(i); },
       [](ResolvedRequest& one, int i) { one.area = i; }},
      {words_.purposes.values.size(), [](OverlayRule& one, int i) { one.purposes = bit(i); },
       [](ResolvedRequest& one, int i) { one.purpose = i; }},
      {3, [](OverlayRule& one, int i) { one.to = PartySet().set(static_cast<std::size_t>(i)); },
       [](ResolvedRequest& one, int i) { one.to = i; }},
      {words_.classes.values.size(), [](OverlayRule& one, int i) { one.info = bit(i); },
       [](ResolvedRequest& one, int i) { one.info = bit(i); }},
      {words_.actions.values.size(), [](OverlayRule& one, int i) { one.actions = bit(i); },
       [](ResolvedRequest& one, int i) { one.action = i; }},
  };
  const auto plain = rule;
  const auto names_overlay = [&](const ResolvedRequest& asked) {
    const auto reasons = decide(asked).reasons;
    return std::any_of(reasons.begin(), reasons.end(),
                       [](const Reason& one) { return one.code == "overlay-forbids"; });
  };
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    const auto& [count, narrow, ask] = dimensions[d];
    for (int said = 0; said < static_cast<int>(count); ++said) {
      rule = plain;
      narrow(rule, said);
      for (int asked_for = 0; asked_for < static_cast<int>(count); ++asked_for) {
        auto asked = request();
        ask(asked, asked_for);
        if (asked.to == asked.from) continue;
        const bool declines = asked.action == static_cast<int>(Action::Refuse) ||
                              asked.action == static_cast<int>(Action::Withdraw);
        ASSERT_EQ(names_overlay(asked), said == asked_for && !declines)
            << "dimension " << d << ": rule for " << said << ", asked for " << asked_for;
      }
    }
  }
  for (const auto said :
       {Tlp::None, Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red}) {
    for (const auto at :
         {Tlp::None, Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red}) {
      rule = plain;
      rule.handling_min = said;
      auto asked = request();
      asked.tlp = at;
      ASSERT_EQ(names_overlay(asked), at == Tlp::None || at >= said);
    }
  }
  rule = plain;
  rule.areas = rule.purposes = rule.info = 1;
  auto open = request();
  open.area.reset();
  open.purpose.reset();
  open.info = 0;
  open.action = static_cast<int>(Action::Request);
  rule.actions = bit(Action::Request);
  EXPECT_TRUE(names_overlay(open));
}

// ---- the law -----------------------------------------------------------------------------------

int strictness(VerdictKind kind) {
  return kind == VerdictKind::Permitted ? 0
         : kind == VerdictKind::Needs   ? 1
         : kind == VerdictKind::NoBasis ? 2
                                        : 3;
}

bool within(const PartySet& inner, const PartySet& outer) { return (inner & ~outer).none(); }

TEST(OverlayLaws, AnOverlayNeverWidensAndBindsItsPartyAlone) {
  constexpr std::uint64_t registers = 1'000, questions = 10;
  std::uint64_t closed = 0, more_needed = 0;
  for (std::uint64_t seed = 1; seed <= registers; ++seed) {
    const auto model = std::make_shared<const Model>(test::random_model(seed));
    if (model->overlays.empty()) continue;
    auto bare_model = *model;
    bare_model.overlays.clear();
    const auto own = test::random_verifications(*model, seed);
    const auto mode = test::random_mode(seed);
    const CompiledRegister with(model, own, mode);
    const CompiledRegister bare(std::make_shared<const Model>(bare_model), own, mode);
    for (std::uint64_t q = 0; q < questions; ++q) {
      const auto request = test::random_request(*model, seed * 1'000 + q);
      const auto then = with.decide(request);
      const auto before = bare.decide(request);
      ASSERT_EQ(to_json(then), to_json(decide_by_reference(*model, own, mode, request)));
      ASSERT_GE(strictness(then.kind), strictness(before.kind)) << "seed " << seed;
      for (const auto& ground : then.basis) {
        ASSERT_NE(std::find(before.basis.begin(), before.basis.end(), ground), before.basis.end());
      }
      if (then.kind == before.kind && then.kind == VerdictKind::Needs) {
        ASSERT_GE(then.needs.size(), before.needs.size());
        more_needed += then.needs.size() > before.needs.size() ? 1 : 0;
      }
      if (model->overlay(request.from) == nullptr) {
        ASSERT_EQ(to_json(then), to_json(before)) << "seed " << seed;
      }
      closed += strictness(then.kind) > strictness(before.kind) ? 1 : 0;
      const auto all_then = with.decide_all(request), all_before = bare.decide_all(request);
      ASSERT_TRUE(within(all_then.permitted, all_before.permitted));
      ASSERT_TRUE(
          within(all_then.permitted | all_then.needs, all_before.permitted | all_before.needs));
    }
  }
  EXPECT_GT(closed, 0U) << "hardly any overlay acted: the law was not tried";
  EXPECT_GT(more_needed, 0U) << "hardly any overlay demanded more";
}

}  // namespace
}  // namespace comity::treaty
