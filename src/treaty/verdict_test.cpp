#include "treaty/verdict.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "treaty/phrases.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

Verdict full_verdict() {
  Verdict verdict;
  verdict.kind = VerdictKind::Needs;
  verdict.basis = {{"ru-cn-2015", "c3-15", "Art. 3(15), 5(3)", "unverified"}};
  verdict.needs = {{"arrangement", "format under ru-cn-2015 (Art. 5(3))", "CN and RU"}};
  verdict.reasons = {{"forbidden", "sco-2009", "s6", "Art. 6", "forbidden \"here\""},
                     {"tlp", "", "", "", "tlp red"}};
  verdict.duties = {{"ru-cn-2015", "c5-1", "Art. 5(1)", "notify", "2016-10-09", true},
                    {"ru-cn-2015", "c5-4", "Art. 5(4)", "consult", "", false}};
  verdict.advice = {{"un-gge-2015", "g13", "§13", "ask first"}};
  verdict.asserts = {{"no urgent", "sco-2009", "s6-1b", "Art. 6(1)"}};
  verdict.assumed = {{"unverified", "ru-cn-2015 c3-15 is unverified"}};
  return verdict;
}

TEST(VerdictTest, JsonHasTheMembersOfTheContractInOrder) {
  const std::string zeros(64, '0');
  EXPECT_EQ(
      to_json(full_verdict()),
      "{\"verdict\":\"needs\","
      "\"basis\":[{\"instrument\":\"ru-cn-2015\",\"clause\":\"c3-15\","
      "\"article\":\"Art. 3(15), 5(3)\",\"status\":\"unverified\"}],"
      "\"needs\":[{\"kind\":\"arrangement\",\"what\":\"format under ru-cn-2015 (Art. 5(3))\","
      "\"from\":\"CN and RU\"}],"
      "\"reasons\":[{\"code\":\"forbidden\",\"instrument\":\"sco-2009\",\"clause\":\"s6\","
      "\"article\":\"Art. 6\",\"what\":\"forbidden \\\"here\\\"\"},"
      "{\"code\":\"tlp\",\"what\":\"tlp red\"}],"
      "\"duties\":[{\"instrument\":\"ru-cn-2015\",\"clause\":\"c5-1\",\"article\":\"Art. 5(1)\","
      "\"what\":\"notify\",\"due\":\"2016-10-09\",\"overdue\":true},"
      "{\"instrument\":\"ru-cn-2015\",\"clause\":\"c5-4\",\"article\":\"Art. 5(4)\","
      "\"what\":\"consult\"}],"
      "\"advice\":[{\"instrument\":\"un-gge-2015\",\"clause\":\"g13\",\"article\":\"§13\","
      "\"text\":\"ask first\"}],"
      "\"asserts\":[{\"what\":\"no urgent\",\"instrument\":\"sco-2009\",\"clause\":\"s6-1b\","
      "\"article\":\"Art. 6(1)\"}],"
      "\"assumed\":[{\"id\":\"unverified\",\"reason\":\"ru-cn-2015 c3-15 is unverified\"}],"
      "\"register\":\"sha256:" +
          zeros + "\",\"semantics\":1}");
  EXPECT_TRUE(json::parse(to_json(full_verdict())).has_value());
}

TEST(VerdictTest, JsonOfAnEmptyVerdictKeepsEveryMember) {
  Verdict verdict;
  EXPECT_EQ(to_json(verdict),
            "{\"verdict\":\"no-basis\",\"basis\":[],\"needs\":[],\"reasons\":[],\"duties\":[],"
            "\"advice\":[],\"asserts\":[],\"assumed\":[],\"register\":\"sha256:" +
                std::string(64, '0') + "\",\"semantics\":1}");
}

TEST(VerdictTest, TextNamesTheArticleAndWhatIsMissing) {
  EXPECT_EQ(to_text(full_verdict()),
            "NEEDS under ru-cn-2015 Art. 3(15), 5(3) (unverified)\n"
            "needs arrangement: format under ru-cn-2015 (Art. 5(3)) (from CN and RU)\n"
            "reason forbidden: sco-2009 s6 (Art. 6): forbidden \"here\"\n"
            "reason tlp: tlp red\n"
            "duty: notify (ru-cn-2015 Art. 5(1)), due 2016-10-09, OVERDUE\n"
            "duty: consult (ru-cn-2015 Art. 5(4))\n"
            "advice: ask first (un-gge-2015 §13)\n"
            "the sender asserts: no urgent (sco-2009 Art. 6(1))\n"
            "ASSUMED unverified: ru-cn-2015 c3-15 is unverified\n"
            "register sha256:" +
                std::string(64, '0') + ", semantics 1\n");
}

TEST(VerdictTest, NamesOfTheFiveVerdicts) {
  EXPECT_STREQ(name(VerdictKind::Permitted), "permitted");
  EXPECT_STREQ(name(VerdictKind::Needs), "needs");
  EXPECT_STREQ(name(VerdictKind::NoBasis), "no-basis");
  EXPECT_STREQ(name(VerdictKind::Forbidden), "forbidden");
  EXPECT_STREQ(name(VerdictKind::InvalidRequest), "invalid-request");
}

class PhrasesTest : public testing::Test {
 protected:
  PhrasesTest() {
    clause_ = &build_.clause(paper_, "c6-2", Verb::Forbid, "share", "state-secret");
    clause_->status = "checked-by-1";
  }
  test::TestRegister build_{{"CN", "RU"}};
  Instrument& paper_ = build_.instrument("ru-cn-2015");
  Clause* clause_ = nullptr;
  const int cn_ = build_.party("CN"), ru_ = build_.party("RU");
  const Model& model() { return build_.model(); }
};

TEST_F(PhrasesTest, NeedsNameWhoCanSupplyThem) {
  EXPECT_EQ(need_arrangement(model(), paper_, *clause_, "format", ru_, cn_),
            (NeedEntry{"arrangement", "format under ru-cn-2015 (Art. 6-2)", "CN and RU"}));
  EXPECT_EQ(need_membership(model(), paper_, cn_, "in-force"),
            (NeedEntry{"fact", "in-force of CN in ru-cn-2015", "CN"}));
  EXPECT_EQ(need_verification(model(), paper_, *clause_, cn_),
            (NeedEntry{"verification", "ru-cn-2015 c6-2 (Art. 6-2)", "two legal advisers of CN"}));
  EXPECT_EQ(need_designation(model(), paper_, ru_),
            (NeedEntry{"fact", "designation of RU under ru-cn-2015", "RU"}));
  EXPECT_EQ(need_role(model(), paper_, ru_),
            (NeedEntry{"fact", "role of RU under ru-cn-2015", "RU"}));
  EXPECT_EQ(
      need_human(model(), why_human(paper_, *clause_, "four-eyes"), cn_),
      (NeedEntry{"human", "four-eyes under ru-cn-2015 c6-2 (Art. 6-2)", "two officers of CN"}));
  EXPECT_EQ(need_rights_record(model(), cn_),
            (NeedEntry{"rights-record", "complete rights-record", "CN"}));
  EXPECT_EQ(need_fact(model(), "court-order", ru_), (NeedEntry{"fact", "court-order", "RU"}));
  EXPECT_EQ(need_consent(model(), ru_, cn_, why_tlp(Tlp::Amber)),
            (NeedEntry{"consent", "RU to CN: tlp amber, passed on", "RU"}));
}

TEST_F(PhrasesTest, TheStatusShownIsOursOrTheClaim) {
  EXPECT_EQ(basis_entry(paper_, *clause_, true).status, "verified-by-2");
  EXPECT_EQ(basis_entry(paper_, *clause_, false).status, "checked-by-1");
}

TEST_F(PhrasesTest, ReasonsSayWhatIsForbidden) {
  EXPECT_EQ(reason_forbid(model(), paper_, *clause_, "forbidden").what,
            "forbidden under this instrument: share of state-secret");
  EXPECT_EQ(reason_forbid(model(), paper_, *clause_, "origin-forbids").what,
            "forbidden for records received under this instrument: share of state-secret");
  EXPECT_EQ(reason_forbid(model(), paper_, *clause_, "refused").what,
            "the originator refused consent for this recipient: share of state-secret");
  const auto need = reason_need(paper_, {"fact", "court-order", "RU"});
  EXPECT_EQ(need.code, "needs-fact");
  EXPECT_EQ(need.what, "court-order (from RU)");
  EXPECT_EQ(reason_guard("content-gate").article, "Art. 19");
  EXPECT_EQ(reason_tlp(Tlp::AmberStrict, why_tlp_onward()).what,
            "tlp amber+strict: not passed on beyond the body that received it");
}

TEST_F(PhrasesTest, DutiesSpeakOfTheClauseWhenTheFileSaysNothing) {
  clause_->via = "diplomatic-channel";
  EXPECT_EQ(duty_entry(model(), paper_, *clause_, 17083, true),
            (Duty{"ru-cn-2015", "c6-2", "Art. 6-2", "share state-secret (via diplomatic-channel)",
                  "2016-10-09", true}));
  clause_->says = "exchange contact data";
  clause_->via.clear();
  EXPECT_EQ(duty_entry(model(), paper_, *clause_, std::nullopt, false).what,
            "exchange contact data");
}

}  // namespace
}  // namespace comity::treaty
