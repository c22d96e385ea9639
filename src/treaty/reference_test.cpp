#include "treaty/reference.h"

#include <gtest/gtest.h>

#include <map>

#include "treaty/refusal.h"
#include "treaty/test_model.h"

namespace comity::treaty {
namespace {

using test::TestRegister;
using Lines = std::vector<std::string>;

// One register and one question: RU shares an indicator of threat-information for warning with CN.
struct Case {
  TestRegister build{{"BY", "CN", "IN", "KZ", "RU", "!SCO", "XA"}};
  Request ask;
  Mode mode = Mode::Operational;
  bool verified = true;

  Case() {
    ask.from = "RU";
    ask.to = "CN";
    ask.info = {"indicator"};
    ask.area = "threat-information";
    ask.purpose = "warning";
    ask.tlp = "clear";
    ask.at = test::instant("2018-01-15");
  }

  // An instrument of BY, CN, KZ and RU in force since 2010, without clause.
  Instrument& paper(const std::string& id = "paper-1", const std::string& level = "bilateral") {
    auto& added = build.instrument(id, level);
    build.entries(added, {"BY", "CN", "KZ", "RU"});
    return added;
  }
  Clause& permit(Instrument& instrument, const std::string& id = "c1",
                 const std::string& actions = "share", const std::string& info = "") {
    return build.clause(instrument, id, Verb::Permit, actions, info);
  }
  Clause& forbid(Instrument& instrument, const std::string& id, Scope scope,
                 const std::string& actions = "share") {
    auto& clause = build.clause(instrument, id, Verb::Forbid, actions);
    clause.scope = scope;
    return clause;
  }
  static PartyEntry& entry(const TestRegister& build, Instrument& instrument, const char* code) {
    const int party = build.party(code);
    for (auto& one : instrument.parties) {
      if (one.party == party) return one;
    }
    CHECK(false);
    return instrument.parties.front();
  }
  PartyEntry& entry(Instrument& instrument, const char* code) {
    return entry(build, instrument, code);
  }

  Verdict decide() {
    const auto resolved = resolve(build.model(), ask);
    CHECK(resolved.has_value());
    return decide_by_reference(build.model(),
                               verified ? test::verify_all(build.model()) : Verifications{}, mode,
                               *resolved);
  }
  std::string kind() { return name(decide().kind); }
};

Lines needs(const Verdict& verdict) {
  Lines lines;
  for (const auto& need : verdict.needs) {
    lines.push_back(need.kind + ": " + need.what + " <" + need.from + ">");
  }
  return lines;
}

Lines reasons(const Verdict& verdict) {
  Lines lines;
  for (const auto& reason : verdict.reasons) {
    auto line = reason.code;
    if (!reason.instrument.empty()) line += " " + reason.instrument;
    if (!reason.clause.empty()) line += " " + reason.clause;
    lines.push_back(line);
  }
  return lines;
}

Lines basis(const Verdict& verdict) {
  Lines lines;
  for (const auto& entry : verdict.basis) lines.push_back(entry.instrument + " " + entry.clause);
  return lines;
}

Lines assumed(const Verdict& verdict) {
  Lines lines;
  for (const auto& entry : verdict.assumed) lines.push_back(entry.id);
  return lines;
}

// --- Section 0 --------------------------------------------------------------------------------

TEST(ReferenceTest, PermitsUnderAVerifiedClauseOfFellowParties) {
  Case c;
  c.permit(c.paper());
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  EXPECT_EQ(basis(verdict), Lines{"paper-1 c1"});
  EXPECT_EQ(verdict.basis[0].status, "verified-by-2");
  EXPECT_EQ(verdict.register_digest, c.build.model().digest);
  EXPECT_TRUE(verdict.needs.empty() && verdict.reasons.empty() && verdict.assumed.empty());
}

TEST(ReferenceTest, MembershipFollowsItsDates) {
  struct Row {
    const char *in_force, *until, *at, *kind;
  };
  for (const Row& row :
       std::initializer_list<Row>{{"2016-08-10", "", "2016-08-09T23:59:59.999999Z", "no-basis"},
                                  {"2016-08-10", "", "2016-08-10", "permitted"},
                                  {"2016-08-10", "2020-01-01", "2019-12-31T23:59:59Z", "permitted"},
                                  {"2016-08-10", "2020-01-01", "2020-01-01", "no-basis"},
                                  {"2016-08-10", "2020", "2019-12-31", "permitted"},
                                  {"2016-08-10", "2020", "2020-01-01", "needs"},
                                  {"2016-08-10", "2020", "2021-01-01", "no-basis"},
                                  {"2015", "", "2014-12-31", "no-basis"},
                                  {"2015", "", "2015-01-01", "needs"},
                                  {"", "", "2018-01-15", "needs"},
                                  {"", "2017-01-01", "2018-01-15", "no-basis"}}) {
    Case c;
    auto& paper = c.paper();
    c.permit(paper);
    auto& entry = c.entry(paper, "CN");
    entry.in_force.reset();
    if (*row.in_force != 0) entry.in_force = test::date(row.in_force);
    if (*row.until != 0) entry.until = test::date(row.until);
    c.ask.at = test::instant(row.at);
    EXPECT_EQ(c.kind(), row.kind) << row.in_force << " " << row.until << " " << row.at;
  }
}

TEST(ReferenceTest, AnUnknownDateBeforeSignatureIsNoMembership) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  paper.signed_on = test::date("2015-05-08");
  c.entry(paper, "CN").in_force.reset();
  c.ask.at = test::instant("2015-05-07");
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.at = test::instant("2015-05-08");
  EXPECT_EQ(needs(c.decide()), Lines{"fact: in-force of CN in paper-1 <CN>"});
}

TEST(ReferenceTest, WithinAPartlyKnownDateMembershipIsUnknownInBothModes) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  c.mode = Mode::Exercise;
  c.entry(paper, "CN").in_force = test::date("2015-06");
  c.ask.at = test::instant("2015-06-30T23:59:59Z");
  EXPECT_EQ(needs(c.decide()), Lines{"fact: in-force of CN in paper-1 <CN>"});
  c.ask.at = test::instant("2015-07-01");
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, StatusDecidesMembership) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  c.entry(paper, "RU").status = Membership::Unknown;
  EXPECT_EQ(needs(c.decide()), Lines{"fact: party-status of RU in paper-1 <RU>"});
  c.entry(paper, "RU").status = Membership::NotParty;
  EXPECT_EQ(c.kind(), "no-basis");
}

TEST(ReferenceTest, WeakDatesCarryNoPermitInOperationalMode) {
  const Lines need{"fact: in-force of CN in paper-1 <CN>"};
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  auto& entry = c.entry(paper, "CN");
  entry.in_force->provenance = "F8 K:l";
  EXPECT_EQ(needs(c.decide()), need);
  entry.in_force = test::date("2012");
  EXPECT_EQ(needs(c.decide()), need);
  c.mode = Mode::Exercise;
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  EXPECT_EQ(assumed(verdict), Lines{"weak-date"});
  c.mode = Mode::Operational;
  entry.in_force->assumed = "date-of-cn";
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, OnwardClausesDoNotActOnOwnRecords) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper, "c1", "onward");
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.action = "onward";
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, AShareClauseActsOnOnward) {
  Case c;
  c.permit(c.paper());
  c.ask.action = "onward";
  c.ask.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.action = "notify";
  EXPECT_EQ(c.kind(), "no-basis");
}

TEST(ReferenceTest, EveryStatedDimensionMustHoldTheRequest) {
  Case c;
  auto& clause = c.permit(c.paper());
  const auto& words = c.build.model().vocabulary;
  clause.areas = test::bits(words.areas, "threat-information evidence");
  clause.purposes = test::bits(words.purposes, "warning");
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.area = "crime";
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.area = "";
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.area = "evidence";
  c.ask.purpose = "cbm";
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.purpose = "";
  EXPECT_EQ(c.kind(), "no-basis");
}

TEST(ReferenceTest, TheHandlingCeilingIsAnUpperBound) {
  Case c;
  c.permit(c.paper()).handling_max = Tlp::Green;
  c.ask.tlp = "green";
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.tlp = "amber";
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.tlp = "";
  EXPECT_EQ(needs(c.decide()), Lines{"fact: handling <RU>"});
}

TEST(ReferenceTest, EveryNamedRoleMustBeInTheSet) {
  Case c;
  auto& clause = c.permit(c.paper());
  clause.to.roles = test::bits(c.build.model().vocabulary.roles, "national-csirt judicial");
  c.ask.to_roles = {"national-csirt"};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.to_roles = {"national-csirt", "mfa"};
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.to_roles = {};
  EXPECT_EQ(needs(c.decide()), Lines{"fact: role of CN under paper-1 <CN>"});
}

TEST(ReferenceTest, OrganisationsReceiveOnlyWhenNamed) {
  Case c;
  auto& paper = c.paper();
  c.build.entry(paper, "SCO");
  auto& clause = c.permit(paper);
  c.ask.to = "SCO";
  EXPECT_EQ(c.kind(), "no-basis");
  clause.to = c.build.listed({"SCO"});
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.to = "CN";
  EXPECT_EQ(c.kind(), "no-basis");
}

TEST(ReferenceTest, ThirdPartiesAreStatesThatAreNoLiveMembers) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper).to = TestRegister::third_parties();
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.to = "IN";
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.to = "SCO";
  EXPECT_EQ(c.kind(), "no-basis");
  c.ask.to = "CN";
  c.entry(paper, "CN").in_force.reset();
  EXPECT_EQ(needs(c.decide()), Lines{"fact: party-status of CN in paper-1 <CN>"});
  c.permit(paper, "c2");
  EXPECT_EQ(needs(c.decide()), (Lines{"fact: in-force of CN in paper-1 <CN>",
                                      "fact: party-status of CN in paper-1 <CN>"}));
}

// --- Section 2 --------------------------------------------------------------------------------

TEST(ReferenceTest, EveryClassNeedsAGroundOfOneInstrument) {
  Case c;
  auto& first = c.paper("paper-1");
  c.permit(first, "c1", "share", "indicator");
  auto& second = c.paper("paper-2");
  c.permit(second, "c1", "share", "vulnerability malware-sample");
  c.ask.info = {"vulnerability", "malware-sample", "indicator"};
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::NoBasis);
  EXPECT_EQ(reasons(verdict), (Lines{"class-not-covered paper-1", "class-not-covered paper-1",
                                     "class-not-covered paper-2"}));
  EXPECT_NE(verdict.reasons[0].what.find("malware-sample"), std::string::npos);
  c.permit(first, "c2", "share", "vulnerability malware-sample");
  EXPECT_EQ(basis(c.decide()), (Lines{"paper-1 c1", "paper-1 c2"}));
}

TEST(ReferenceTest, RequireAndEmpowerAreGroundsButDefineAndAdviseAreNot) {
  for (const auto& [verb, kind] : std::map<Verb, std::string>{{Verb::Require, "permitted"},
                                                              {Verb::Empower, "permitted"},
                                                              {Verb::Define, "no-basis"},
                                                              {Verb::Advise, "no-basis"}}) {
    Case c;
    c.build.clause(c.paper(), "c1", verb, "share");
    EXPECT_EQ(c.kind(), kind) << name(verb);
  }
}

TEST(ReferenceTest, OtherActionsNeedNoClass) {
  Case c;
  c.permit(c.paper(), "c1", "consult", "indicator");
  c.ask.action = "consult";
  c.ask.info = {};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.info = {"training"};
  EXPECT_EQ(c.kind(), "no-basis");
}

TEST(ReferenceTest, SoftInstrumentsAreNeverABasis) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  for (const auto binding : {Binding::Political, Binding::Soft, Binding::Draft,
                             Binding::OrganisationalRule, Binding::Historical}) {
    paper.binding = binding;
    EXPECT_EQ(c.kind(), "no-basis") << name(binding);
  }
}

TEST(ReferenceTest, ABasisForbidCountsOrNeedsItsFact) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  auto& forbid = c.forbid(paper, "c2", Scope::Basis);
  EXPECT_EQ(reasons(c.decide()), Lines{"forbidden paper-1 c2"});
  forbid.when = c.build.fact("dual-criminality");
  EXPECT_EQ(needs(c.decide()), Lines{"fact: dual-criminality <RU>"});
  c.ask.facts = {{"dual-criminality", "no"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.facts = {{"dual-criminality", "yes"}};
  EXPECT_EQ(c.kind(), "forbidden");
  forbid.info = test::bits(c.build.model().vocabulary.classes, "malware-sample");
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, ForbidsActUnverified) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  c.forbid(paper, "c2", Scope::Basis);
  c.verified = false;
  EXPECT_EQ(c.kind(), "forbidden");
}

TEST(ReferenceTest, AJudgementNotStatedIsNoAndAsserted) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  c.forbid(paper, "c2", Scope::Basis).when = c.build.fact("prejudice-national-interest");
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  ASSERT_EQ(verdict.asserts.size(), 1U);
  EXPECT_EQ(verdict.asserts[0],
            (Assertion{"no prejudice-national-interest", "paper-1", "c2", "Art. 2"}));
  c.ask.facts = {{"prejudice-national-interest", "unknown"}};
  EXPECT_EQ(c.kind(), "needs");
  c.ask.facts = {{"prejudice-national-interest", "yes"}};
  EXPECT_EQ(c.kind(), "forbidden");
}

TEST(ReferenceTest, ABasisForbidIsLiftedByTheFirstOriginator) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  c.forbid(paper, "c2", Scope::Basis).except_consent = true;
  EXPECT_EQ(c.kind(), "permitted") << "an own record needs nobody's consent";
  c.ask.received_under = {{"paper-1", "KZ"}, {"paper-1", "BY"}};
  EXPECT_EQ(needs(c.decide()), Lines{"consent: KZ to CN: paper-1 c2 (Art. 2) <KZ>"});
  c.ask.facts = {{"consent:KZ:CN", "granted"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.facts = {{"consent:KZ:CN", "refused"}};
  EXPECT_EQ(reasons(c.decide()), Lines{"refused paper-1 c2"});
  c.ask.facts = {{"consent:KZ:BY", "granted"}};
  EXPECT_EQ(c.kind(), "needs") << "one consent never covers another recipient";
}

TEST(ReferenceTest, WhenAndExceptOfOneForbid) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  auto& forbid = c.forbid(paper, "c2", Scope::Basis);
  forbid.except_consent = true;
  forbid.when = c.build.fact("dual-criminality");
  c.ask.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(needs(c.decide()),
            (Lines{"fact: dual-criminality <RU>", "consent: KZ to CN: paper-1 c2 (Art. 2) <KZ>"}));
  c.ask.facts = {{"consent:KZ:CN", "refused"}};
  EXPECT_EQ(needs(c.decide()), Lines{"fact: dual-criminality <RU>"});
  c.ask.facts = {{"consent:KZ:CN", "granted"}};
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, DesignationsAreDemandedBySide) {
  Case c;
  auto& clause = c.permit(c.paper());
  clause.from.designated = clause.to.designated = true;
  EXPECT_EQ(needs(c.decide()), (Lines{"fact: designation of RU under paper-1 <RU>",
                                      "fact: designation of CN under paper-1 <CN>"}));
  c.build.designation("paper-1", "RU");
  c.build.designation("paper-1", "CN", "national-csirt", "threat-information", "2018-01-15");
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.at = test::instant("2018-01-14");
  EXPECT_EQ(needs(c.decide()), Lines{"fact: designation of CN under paper-1 <CN>"});
  c.ask.at = test::instant("2019-01-14");
  c.ask.area = "crime";
  EXPECT_EQ(c.kind(), "needs") << "the body is designated for another area";
  c.mode = Mode::Exercise;
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  EXPECT_EQ(assumed(verdict), Lines{"designation"});
}

TEST(ReferenceTest, ANamedRoleNeedsItsOwnDesignationInBothModes) {
  Case c;
  c.permit(c.paper()).from.designated = true;
  c.ask.from_roles = {"national-csirt", "judicial"};
  c.build.designation("paper-1", "RU");
  c.build.designation("paper-1", "RU", "national-csirt");
  for (const auto mode : {Mode::Operational, Mode::Exercise}) {
    c.mode = mode;
    EXPECT_EQ(needs(c.decide()), Lines{"fact: role of RU under paper-1 <RU>"});
  }
  auto& partly = c.build.designation("paper-1", "RU", "judicial", "", "2017");
  EXPECT_EQ(c.kind(), "permitted");
  partly.since = test::date("2018");
  EXPECT_EQ(c.kind(), "needs") << "a partly known date begins at its latest instant";
}

TEST(ReferenceTest, NeedsOfAClauseInFileOrder) {
  Case c;
  auto& clause = c.permit(c.paper());
  for (const char* word :
       {"dual-criminality", "four-eyes", "arrangement:format", "rights-record"}) {
    clause.needs.push_back(c.build.need(word));
  }
  EXPECT_EQ(needs(c.decide()),
            (Lines{"fact: dual-criminality <RU>",
                   "human: four-eyes under paper-1 c1 (Art. 1) <two officers of RU>",
                   "arrangement: format under paper-1 (Art. 1) <CN and RU>",
                   "rights-record: complete rights-record <RU>"}));
  c.ask.facts = {{"dual-criminality", "yes"}, {"rights-record", "complete"}};
  c.build.arrangement("paper-1", "format", {"CN", "RU"}, "2018-01-15");
  EXPECT_EQ(needs(c.decide()),
            Lines{"human: four-eyes under paper-1 c1 (Art. 1) <two officers of RU>"});
  c.ask.at = test::instant("2018-01-14");
  EXPECT_EQ(c.decide().needs.size(), 2U);
  c.ask.facts = {{"dual-criminality", "no"}};
  EXPECT_EQ(c.kind(), "no-basis");
}

TEST(ReferenceTest, AnArrangementHoldsBothSidesAndItsKind) {
  Case c;
  c.permit(c.paper()).needs.push_back(c.build.need("arrangement:format"));
  c.build.arrangement("paper-1", "format", {"RU", "KZ"});
  c.build.arrangement("paper-1", "list", {"RU", "CN"});
  c.build.instrument("paper-2");
  c.build.arrangement("paper-2", "format", {"RU", "CN"});
  EXPECT_EQ(c.kind(), "needs");
  c.build.arrangement("paper-1", "format", {"RU", "CN"});
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, UnverifiedClausesNeedVerificationInOperationalMode) {
  Case c;
  c.permit(c.paper()).status = "verified-by-2";
  c.verified = false;
  EXPECT_EQ(needs(c.decide()),
            Lines{"verification: paper-1 c1 (Art. 1) <two legal advisers of RU>"})
      << "the claim of the file is never believed";
  c.mode = Mode::Exercise;
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  EXPECT_EQ(assumed(verdict), Lines{"unverified"});
}

// --- Section 3 --------------------------------------------------------------------------------

TEST(ReferenceTest, TheLeastStrictInstrumentWins) {
  Case c;
  auto& first = c.paper("paper-1");
  c.permit(first);
  c.forbid(first, "c2", Scope::Basis).see = {"old-secrets"};
  auto& second = c.paper("paper-2");
  c.permit(second).needs.push_back(c.build.need("human"));
  auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Needs);
  EXPECT_EQ(reasons(verdict), Lines{"forbidden paper-1 c2"});
  c.permit(c.paper("paper-3"));
  verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  EXPECT_EQ(basis(verdict), Lines{"paper-3 c1"});
  EXPECT_EQ(reasons(verdict), (Lines{"forbidden paper-1 c2", "needs-human paper-2"}));
  ASSERT_EQ(verdict.advice.size(), 1U);
  EXPECT_EQ(verdict.advice[0].text, "see old-secrets, outside this software");
}

TEST(ReferenceTest, WinnersAreOrderedByVerificationDutiesLevelAndId) {
  Case c;
  c.mode = Mode::Exercise;
  c.permit(c.paper("paper-1", "global"));
  c.permit(c.paper("paper-2", "regional"));
  c.permit(c.paper("paper-3", "bilateral"));
  c.permit(c.paper("paper-4", "bilateral"));
  c.build.clause(c.paper("paper-5", "global"), "c1", Verb::Require, "share");
  EXPECT_EQ(basis(c.decide()),
            (Lines{"paper-5 c1", "paper-3 c1", "paper-4 c1", "paper-2 c1", "paper-1 c1"}));
  const auto resolved = resolve(c.build.model(), c.ask);
  Verifications own;
  own.verified.insert({"paper-1", c.build.model().instruments[0].clauses[0].digest});
  const auto verdict = decide_by_reference(c.build.model(), own, Mode::Exercise, *resolved);
  EXPECT_EQ(basis(verdict)[0], "paper-1 c1");
  EXPECT_EQ(verdict.basis[0].status, "verified-by-2");
  EXPECT_EQ(verdict.basis[1].status, "unverified");
}

// --- Section 4 --------------------------------------------------------------------------------

TEST(ReferenceTest, OriginForbidsStickWhateverTheBasis) {
  Case c;
  auto& origin = c.paper("paper-1");
  auto& forbid = c.forbid(origin, "c6", Scope::Origin, "onward");
  c.permit(c.paper("paper-2"));
  EXPECT_EQ(c.kind(), "permitted") << "an own record";
  c.ask.received_under = {{"paper-1", "KZ"}};
  const auto verdict = c.decide();
  EXPECT_EQ(reasons(verdict), Lines{"origin-forbids paper-1 c6"});
  EXPECT_TRUE(verdict.basis.empty() && verdict.needs.empty() && verdict.duties.empty());
  c.ask.to = "KZ";
  EXPECT_EQ(c.kind(), "permitted") << "back to the originator";
  c.ask.to = "CN";
  forbid.except_consent = true;
  EXPECT_EQ(needs(c.decide()), Lines{"consent: KZ to CN: paper-1 c6 (Art. 6) <KZ>"});
  c.ask.facts = {{"consent:KZ:CN", "granted"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.facts = {{"consent:KZ:CN", "refused"}};
  EXPECT_EQ(reasons(c.decide()), Lines{"refused paper-1 c6"});
}

TEST(ReferenceTest, OriginForbidsOutliveTheirInstrument) {
  Case c;
  auto& origin = c.paper("paper-1");
  c.forbid(origin, "c6", Scope::Origin, "onward");
  for (auto& entry : origin.parties) entry.until = test::date("2015-01-01");
  c.permit(c.paper("paper-2"));
  c.ask.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(c.kind(), "forbidden");
}

TEST(ReferenceTest, OriginForbidsTowardsThirdPartiesFreeFellowParties) {
  Case c;
  auto& origin = c.build.instrument("paper-1");
  c.build.entries(origin, {"CN", "KZ", "RU"});
  auto& forbid = c.forbid(origin, "c6", Scope::Origin, "onward");
  forbid.to = TestRegister::third_parties();
  c.permit(c.paper("paper-2"));
  c.ask.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.to = "BY";
  EXPECT_EQ(c.kind(), "forbidden");
  c.ask.to = "CN";
  c.entry(origin, "CN").in_force.reset();
  forbid.when = c.build.fact("dual-criminality");
  EXPECT_EQ(needs(c.decide()), Lines{"fact: party-status of CN in paper-1 <CN>"});
}

TEST(ReferenceTest, OriginForbidsMatchClassAreaPurposeAndListedRecipients) {
  Case c;
  auto& forbid = c.forbid(c.paper("paper-1"), "c6", Scope::Origin, "onward");
  c.permit(c.paper("paper-2"));
  c.ask.received_under = {{"paper-1", "KZ"}};
  const auto& words = c.build.model().vocabulary;
  forbid.info = test::bits(words.classes, "malware-sample");
  EXPECT_EQ(c.kind(), "permitted");
  forbid.info = test::bits(words.classes, "malware-sample indicator");
  EXPECT_EQ(c.kind(), "forbidden");
  forbid.areas = test::bits(words.areas, "crime");
  EXPECT_EQ(c.kind(), "permitted");
  forbid.areas = 0;
  forbid.purposes = test::bits(words.purposes, "cbm");
  EXPECT_EQ(c.kind(), "permitted");
  forbid.purposes = 0;
  forbid.to = c.build.listed({"IN"});
  EXPECT_EQ(c.kind(), "permitted");
  forbid.to = c.build.listed({"IN", "CN"});
  EXPECT_EQ(c.kind(), "forbidden");
}

TEST(ReferenceTest, EveryHopKeepsItsClausesAndConsents) {
  Case c;
  auto& origin = c.paper("paper-1");
  c.forbid(origin, "c6", Scope::Origin, "onward").except_consent = true;
  c.permit(c.paper("paper-2"));
  c.ask.received_under = {{"paper-1", "KZ"}, {"paper-1", "BY"}};
  EXPECT_EQ(needs(c.decide()), (Lines{"consent: KZ to CN: paper-1 c6 (Art. 6) <KZ>",
                                      "consent: BY to CN: paper-1 c6 (Art. 6) <BY>"}));
  c.ask.facts = {{"consent:KZ:CN", "granted"}};
  EXPECT_EQ(needs(c.decide()), Lines{"consent: BY to CN: paper-1 c6 (Art. 6) <BY>"});
}

TEST(ReferenceTest, OriginForbidsWithACondition) {
  Case c;
  auto& forbid = c.forbid(c.paper("paper-1"), "c6", Scope::Origin, "onward");
  forbid.when = c.build.fact("urgent");
  c.permit(c.paper("paper-2"));
  c.ask.received_under = {{"paper-1", "KZ"}};
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  ASSERT_EQ(verdict.asserts.size(), 1U);
  EXPECT_EQ(verdict.asserts[0].what, "no urgent");
  c.ask.facts = {{"urgent", "unknown"}};
  EXPECT_EQ(needs(c.decide()), Lines{"fact: urgent <RU>"});
  c.ask.facts = {{"urgent", "yes"}};
  EXPECT_EQ(c.kind(), "forbidden");
}

TEST(ReferenceTest, MissingConsentStaysBesideNoBasis) {
  Case c;
  c.forbid(c.paper("paper-1"), "c6", Scope::Origin, "onward").except_consent = true;
  c.ask.received_under = {{"paper-1", "KZ"}};
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::NoBasis);
  EXPECT_EQ(needs(verdict), Lines{"consent: KZ to CN: paper-1 c6 (Art. 6) <KZ>"});
}

TEST(ReferenceTest, TlpOfOwnRecords) {
  Case c;
  c.permit(c.paper(), "c1", "share request");
  c.build.designation("paper-1", "CN");
  for (const auto& [tlp, kind] : std::map<std::string, std::string>{{"", "needs"},
                                                                    {"clear", "permitted"},
                                                                    {"green", "permitted"},
                                                                    {"amber", "permitted"},
                                                                    {"amber+strict", "permitted"},
                                                                    {"red", "needs"}}) {
    c.ask.action = "share";
    c.ask.tlp = tlp;
    EXPECT_EQ(c.kind(), kind) << tlp;
    c.ask.action = "request";
    EXPECT_EQ(c.kind(), "permitted") << tlp;
  }
}

TEST(ReferenceTest, AmberStrictGoesToTheDesignatedBodyOnly) {
  Case c;
  c.permit(c.paper());
  c.ask.tlp = "amber+strict";
  EXPECT_EQ(needs(c.decide()), Lines{"fact: designation of CN under paper-1 <CN>"});
  c.build.instrument("paper-2");
  c.build.designation("paper-2", "CN");
  c.build.designation("paper-1", "KZ");
  EXPECT_EQ(c.kind(), "needs") << "another instrument, another party";
  c.build.designation("paper-1", "CN");
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, AmberStrictDemandsNoDesignationOfOtherActions) {
  Case c;
  c.permit(c.paper(), "c1", "request");
  c.ask.action = "request";
  c.ask.tlp = "amber+strict";
  EXPECT_EQ(c.kind(), "permitted");
}

TEST(ReferenceTest, AmberDoesNotReachPrivateOwnersOrResearch) {
  for (const char* role : {"private-owner", "research"}) {
    Case c;
    c.permit(c.paper());
    c.ask.to_roles = {role};
    c.ask.tlp = "green";
    EXPECT_EQ(c.kind(), "permitted");
    for (const char* tlp : {"amber", "amber+strict"}) {
      c.ask.tlp = tlp;
      EXPECT_EQ(reasons(c.decide()), Lines{"tlp"}) << tlp;
    }
  }
}

TEST(ReferenceTest, TlpOfRecordsPassedOn) {
  Case c;
  auto& paper = c.paper("paper-1");
  c.permit(paper);
  c.build.designation("paper-1", "CN");
  c.build.designation("paper-1", "KZ");
  c.ask.received_under = {{"paper-1", "KZ"}};
  c.ask.tlp = "amber+strict";
  EXPECT_EQ(reasons(c.decide()), Lines{"tlp"});
  c.ask.tlp = "amber";
  EXPECT_EQ(needs(c.decide()), Lines{"consent: KZ to CN: tlp amber, passed on <KZ>"});
  c.ask.facts = {{"consent:KZ:CN", "granted"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.facts = {{"consent:KZ:CN", "refused"}};
  EXPECT_EQ(reasons(c.decide()), Lines{"refused"});
  c.ask.facts = {};
  c.ask.tlp = "green";
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.to = "KZ";
  for (const char* tlp : {"green", "amber", "amber+strict"}) {
    c.ask.tlp = tlp;
    EXPECT_EQ(c.kind(), "permitted") << "back to the originator, " << tlp;
  }
}

TEST(ReferenceTest, GreenStaysAmongThePartiesOfEveryHop) {
  Case c;
  auto& first = c.build.instrument("paper-1");
  c.build.entries(first, {"KZ", "RU"});
  auto& second = c.build.instrument("paper-2");
  c.build.entries(second, {"BY", "RU"});
  c.build.entry(second, "CN", "");
  c.permit(c.paper("paper-3"));
  c.ask.tlp = "green";
  c.ask.received_under = {{"paper-1", "KZ"}, {"paper-2", "BY"}};
  EXPECT_EQ(needs(c.decide()), (Lines{"consent: KZ to CN: tlp green, passed on <KZ>",
                                      "fact: party-status of CN in paper-2 <CN>"}));
  c.ask.facts = {{"consent:KZ:CN", "refused"}};
  EXPECT_EQ(c.kind(), "forbidden");
  c.ask.facts = {};
  c.entry(second, "CN").status = Membership::NotParty;
  EXPECT_EQ(needs(c.decide()), (Lines{"consent: KZ to CN: tlp green, passed on <KZ>",
                                      "consent: BY to CN: tlp green, passed on <BY>"}));
}

// --- Section 5 --------------------------------------------------------------------------------

TEST(ReferenceTest, TheGuardsActUnderAnyRegister) {
  Case c;
  c.ask.info = {"state-secret", "traffic-data", "content-data"};
  EXPECT_EQ(reasons(c.decide()),
            (Lines{"secrecy-guard", "evidence-guard", "content-gate un-iccpr"}))
      << "with an empty register";
  c.permit(c.paper());
  EXPECT_EQ(c.kind(), "forbidden");
}

TEST(ReferenceTest, EvidenceNeedsItsAreaAndACourtOrder) {
  Case c;
  c.permit(c.paper());
  c.ask.info = {"subscriber-data"};
  EXPECT_EQ(c.kind(), "forbidden");
  c.ask.area = "evidence";
  EXPECT_EQ(needs(c.decide()), Lines{"fact: court-order <RU>"});
  c.ask.facts = {{"court-order", "yes"}};
  EXPECT_EQ(c.kind(), "permitted");
  c.ask.facts = {{"court-order", "no"}};
  EXPECT_EQ(reasons(c.decide()), Lines{"evidence-guard"});
}

TEST(ReferenceTest, ContentIsNeverPermittedAutomatically) {
  for (const bool by_area : {false, true}) {
    Case c;
    c.permit(c.paper());
    if (by_area) {
      c.ask.area = "content";
    } else {
      c.ask.info = {"content-data"};
    }
    EXPECT_EQ(c.kind(), "forbidden");
    c.ask.facts = {{"rights-record", "incomplete"}};
    EXPECT_EQ(needs(c.decide()), Lines{"rights-record: complete rights-record <RU>"});
    c.ask.facts = {{"rights-record", "complete"}};
    EXPECT_EQ(needs(c.decide()),
              Lines{"human: content is released by two officers only <two officers of RU>"});
  }
}

// --- Section 6 --------------------------------------------------------------------------------

TEST(ReferenceTest, DutiesAreTriggeredByTheActionOrByOn) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  auto& report = c.build.clause(paper, "c2", Verb::Require, "report");
  report.on = bit(Action::Share);
  report.says = "report what was shared";
  auto& ground = c.build.clause(paper, "c3", Verb::Require, "share");
  c.build.clause(paper, "c4", Verb::Require, "consult").on = bit(Action::Notify);
  const auto verdict = c.decide();
  ASSERT_EQ(verdict.duties.size(), 2U);
  EXPECT_EQ(verdict.duties[0],
            (Duty{"paper-1", "c2", "Art. 2", "report what was shared", "", false}));
  EXPECT_EQ(verdict.duties[1].clause, "c3");
  report.info = ground.info = test::bits(c.build.model().vocabulary.classes, "malware-sample");
  EXPECT_TRUE(c.decide().duties.empty());
}

TEST(ReferenceTest, ADutyIsDueAfterTheLaterDateOfForce) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  auto& duty = c.build.clause(paper, "c2", Verb::Require, "notify");
  duty.on = bit(Action::Share);
  duty.within_days = 60;
  c.entry(paper, "CN").in_force = test::date("2016-08-10");
  c.ask.at = test::instant("2016-10-09T23:59:59Z");
  auto found = c.decide().duties.at(0);
  EXPECT_EQ(found.due, "2016-10-09");
  EXPECT_FALSE(found.overdue);
  c.ask.at = test::instant("2016-10-10");
  EXPECT_TRUE(c.decide().duties.at(0).overdue);
  c.ask.facts = {{"poc-data-notified", "yes"}};
  EXPECT_FALSE(c.decide().duties.at(0).overdue);
  c.ask.facts = {};
  c.mode = Mode::Exercise;
  c.entry(paper, "RU").in_force = test::date("2012");
  found = c.decide().duties.at(0);
  EXPECT_EQ(found.due, "");
  EXPECT_FALSE(found.overdue);
}

TEST(ReferenceTest, SoftInstrumentsAdviseWhomTheyAddress) {
  Case c;
  auto& report = c.build.instrument("soft-1", "global", Binding::Soft);
  c.build.clause(report, "a1", Verb::Advise, "share").note = "tell the owner first";
  EXPECT_TRUE(c.decide().advice.empty());
  report.addresses_all_states = true;
  auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::NoBasis);
  ASSERT_EQ(verdict.advice.size(), 1U);
  EXPECT_EQ(verdict.advice[0], (Advice{"soft-1", "a1", "Art. 1", "tell the owner first"}));
  c.ask.to = "SCO";
  EXPECT_TRUE(c.decide().advice.empty());
  c.ask.to = "CN";
  report.signed_on = test::date("2018-01-16");
  EXPECT_TRUE(c.decide().advice.empty());
  report.signed_on.reset();
  report.addresses_all_states = false;
  c.build.entries(report, {"CN", "RU"});
  EXPECT_EQ(c.decide().advice.size(), 1U);
  c.entry(report, "CN").status = Membership::NotParty;
  EXPECT_TRUE(c.decide().advice.empty());
}

TEST(ReferenceTest, AssumptionsAreListedWithWhatTheyCarry) {
  Case c;
  c.mode = Mode::Exercise;
  for (const char* id :
       {"by-party", "by-clause", "by-arrangement", "by-designation", "by-origin"}) {
    c.build.assumption(id, std::string("reason ") + id);
  }
  auto& paper = c.paper();
  c.entry(paper, "CN").assumed = "by-party";
  c.entry(paper, "RU").in_force->provenance = "K:l";
  auto& clause = c.permit(paper);
  clause.assumed = "by-clause";
  clause.from.designated = clause.to.designated = true;
  clause.needs.push_back(c.build.need("arrangement:format"));
  c.build.arrangement("paper-1", "format", {"CN", "RU"}).assumed = "by-arrangement";
  c.build.designation("paper-1", "RU").assumed = "by-designation";
  auto& origin = c.forbid(paper, "c6", Scope::Origin, "onward");
  origin.except_consent = true;
  origin.assumed = "by-origin";
  c.ask.received_under = {{"paper-1", "KZ"}};
  c.ask.facts = {{"consent:KZ:CN", "granted"}};
  const auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  EXPECT_EQ(assumed(verdict), (Lines{"by-party", "weak-date", "by-clause", "by-designation",
                                     "designation", "by-arrangement", "by-origin"}));
  EXPECT_EQ(verdict.assumed[0].reason, "reason by-party");
  c.build.arrangement("paper-1", "format", {"CN", "RU"});
  c.build.designation("paper-1", "RU");
  EXPECT_EQ(assumed(c.decide()),
            (Lines{"by-party", "weak-date", "by-clause", "designation", "by-origin"}))
      << "a fact of the register goes before an assumption";
  c.mode = Mode::Operational;
  EXPECT_TRUE(c.decide().assumed.empty());
}

// --- Laws over random registers ---------------------------------------------------------------

struct Tally {
  std::map<VerdictKind, int> kinds;
  int duties = 0, advice = 0, asserts = 0, assumed = 0, reasons = 0;
  std::map<std::string, int> codes, need_kinds;

  void add(const Verdict& verdict) {
    ++kinds[verdict.kind];
    duties += !verdict.duties.empty();
    advice += !verdict.advice.empty();
    asserts += !verdict.asserts.empty();
    assumed += !verdict.assumed.empty();
    for (const auto& reason : verdict.reasons) ++codes[reason.code];
    for (const auto& need : verdict.needs) ++need_kinds[need.kind];
  }
};

constexpr std::uint64_t models_drawn = 200;
constexpr std::uint64_t requests_drawn = 50;  // of each model

template <typename Each>
void draw(Each each) {
  for (std::uint64_t seed = 0; seed < models_drawn; ++seed) {
    const auto model = test::random_model(seed);
    const auto own = test::random_verifications(model, seed);
    for (std::uint64_t i = 0; i < requests_drawn; ++i) {
      const auto number = seed * requests_drawn + i;
      each(model, own, test::random_mode(number), test::random_request(model, number));
    }
  }
}

TEST(ReferenceTest, RandomRegistersReachEveryPartOfTheSemantics) {
  Tally tally;
  draw(
      [&](const Model& model, const Verifications& own, Mode mode, const ResolvedRequest& request) {
        tally.add(decide_by_reference(model, own, mode, request));
      });
  const int all = static_cast<int>(models_drawn * requests_drawn);
  EXPECT_GE(tally.kinds[VerdictKind::Permitted] * 100, all * 12);
  EXPECT_GE(tally.kinds[VerdictKind::Needs] * 100, all * 15);
  EXPECT_GE(tally.kinds[VerdictKind::Forbidden] * 100, all * 5);
  EXPECT_GE(tally.kinds[VerdictKind::NoBasis] * 100, all * 5);
  for (const int count : {tally.duties, tally.advice, tally.asserts, tally.assumed}) {
    EXPECT_GE(count * 100, all);
  }
  for (const char* code :
       {"forbidden", "refused", "origin-forbids", "class-not-covered", "tlp", "secrecy-guard",
        "evidence-guard", "content-gate", "needs-fact", "needs-human", "needs-verification",
        "needs-arrangement", "needs-rights-record", "needs-consent", "suspended", "reading",
        "overlay-forbids"}) {
    EXPECT_GE(tally.codes[code], 5) << code;
  }
  for (const char* kind :
       {"consent", "arrangement", "fact", "verification", "rights-record", "human"}) {
    EXPECT_GE(tally.need_kinds[kind], 20) << kind;
  }
  std::string seen;
  for (const auto& [kind, count] : tally.kinds) {
    seen += std::string(name(kind)) + " " + std::to_string(count) + "; ";
  }
  RecordProperty("kinds", seen);
}

// --- Sections 9 to 12 ---------------------------------------------------------------------------

Lines duties(const Verdict& verdict) {
  Lines lines;
  for (const auto& duty : verdict.duties) lines.push_back(duty.instrument + " " + duty.clause);
  return lines;
}

TEST(ReferenceTest, APassageCarriesWhatAllItsReadingsCarry) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper, "c1", "share", "indicator vulnerability");
  auto& rival = c.permit(paper, "c2", "share", "indicator");
  rival.reading_of = "c1";
  auto verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::Permitted);
  EXPECT_EQ(basis(verdict), (Lines{"paper-1 c1", "paper-1 c2"}));
  c.ask.info = {"vulnerability"};
  verdict = c.decide();
  EXPECT_EQ(verdict.kind, VerdictKind::NoBasis);
  EXPECT_EQ(reasons(verdict), (Lines{"class-not-covered paper-1", "reading paper-1 c2"}));
  // What stands beside the passage carries it; the reading that falls short is no basis.
  c.permit(paper, "c3", "share", "vulnerability");
  verdict = c.decide();
  EXPECT_EQ(basis(verdict), Lines{"paper-1 c3"});
  // And what a reading needs is needed, for by that reading the clause would apply.
  paper.clauses[0].needs = {c.build.need("four-eyes")};
  EXPECT_EQ(needs(c.decide()),
            Lines{"human: four-eyes under paper-1 c1 (Art. 1) <two officers of RU>"});
}

TEST(ReferenceTest, EveryReadingMustBeVerified) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  c.permit(paper, "c2").reading_of = "c1";
  const auto& model = c.build.model();
  Verifications own;
  own.verified.insert({"paper-1", paper.clauses[0].digest});
  const auto verdict = decide_by_reference(model, own, Mode::Operational, *resolve(model, c.ask));
  EXPECT_EQ(needs(verdict), Lines{"verification: paper-1 c2 (Art. 2) <two legal advisers of RU>"});
}

TEST(ReferenceTest, AForbidOfOneReadingForbids) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  auto& strict = c.forbid(paper, "c2", Scope::Origin, "onward");
  auto& mild = c.forbid(paper, "c3", Scope::Origin, "onward");
  strict.except_consent = mild.except_consent = true;
  mild.reading_of = "c2";
  mild.to = TestRegister::third_parties();
  c.ask.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(needs(c.decide()), Lines{"consent: KZ to CN: paper-1 c2 (Art. 2) <KZ>"});
}

TEST(ReferenceTest, ADutySurvivesWhereItSaysSo) {
  Case c;
  auto& paper = c.paper();
  auto& duty = c.build.clause(paper, "c1", Verb::Require, "report");
  duty.on = bit(Action::Share);
  c.permit(paper, "c2");
  auto& other = c.paper("paper-2");
  c.permit(other);
  c.entry(paper, "RU").until = test::date("2017-01-01");
  c.ask.action = "report";
  EXPECT_EQ(c.kind(), "no-basis");
  duty.survives = true;
  EXPECT_EQ(c.kind(), "permitted");
  EXPECT_EQ(basis(c.decide()), Lines{"paper-1 c1"});
  c.ask.action = "share";
  auto verdict = c.decide();
  EXPECT_EQ(basis(verdict), Lines{"paper-2 c1"}) << "the permit has ended";
  EXPECT_EQ(duties(verdict), Lines{"paper-1 c1"});
  // A partly known end is none before it has passed for sure, and a doubtful beginning stays one.
  c.entry(paper, "RU").until = test::date("2018");
  c.ask.action = "report";
  EXPECT_EQ(needs(c.decide()), Lines{"fact: in-force of RU in paper-1 <RU>"});
  c.entry(paper, "RU").until = test::date("2017-01-01");
  c.entry(paper, "RU").in_force.reset();
  EXPECT_EQ(needs(c.decide()), Lines{"fact: in-force of RU in paper-1 <RU>"});
  c.entry(paper, "RU").status = Membership::NotParty;
  EXPECT_EQ(c.kind(), "no-basis");
}

TEST(ReferenceTest, ALockEndsOnlyWhereItSaysSo) {
  Case c;
  auto& paper = c.paper();
  auto& lock = c.forbid(paper, "c1", Scope::Origin, "onward");
  c.permit(c.paper("paper-2"));
  c.ask.received_under = {{"paper-1", "KZ"}};
  c.entry(paper, "KZ").until = test::date("2017-01-01");
  EXPECT_EQ(c.kind(), "forbidden");
  lock.survives = true;
  EXPECT_EQ(c.kind(), "forbidden");
  lock.survives = false;
  EXPECT_EQ(c.kind(), "permitted");
  c.entry(paper, "KZ").until.reset();
  EXPECT_EQ(c.kind(), "forbidden");
  // It ends as well with who received it in that hop: BY in the first, RU in the second.
  c.ask.received_under = {{"paper-1", "KZ"}, {"paper-2", "BY"}};
  c.entry(paper, "RU").until = test::date("2017-01-01");
  EXPECT_EQ(c.kind(), "forbidden");
  c.entry(paper, "BY").until = test::date("2017-01-01");
  EXPECT_EQ(c.kind(), "permitted");
  c.entry(paper, "BY").until = test::date("2018");
  EXPECT_EQ(c.kind(), "forbidden") << "it may not have ended yet";
  // Nor does what may never have been end anything.
  c.entry(paper, "BY").until = test::date("2017-01-01");
  EXPECT_EQ(c.kind(), "permitted");
  c.entry(paper, "BY").status = Membership::Unknown;
  EXPECT_EQ(c.kind(), "forbidden");
  c.entry(paper, "BY").status = Membership::Party;
  c.entry(paper, "BY").in_force.reset();
  EXPECT_EQ(c.kind(), "forbidden");
}

TEST(ReferenceTest, WhoAccedesLaterIsAThirdPartyForWhatCameBefore) {
  Case c;
  auto& paper = c.paper();
  c.permit(paper);
  auto& lock = c.forbid(paper, "c2", Scope::Origin, "onward");
  lock.except_consent = true;
  lock.to = TestRegister::third_parties();
  c.entry(paper, "CN").in_force = test::date("2016-03");
  const auto asked = Lines{"consent: KZ to CN: paper-1 c2 (Art. 2) <KZ>"};
  const auto at = [&](const char* instant) {
    c.ask.received_under = {{"paper-1", "KZ"}};
    if (*instant != '\0') c.ask.received_under[0].at = test::instant(instant);
    c.mode = Mode::Exercise;  // a partly known date carries
    return needs(c.decide());
  };
  EXPECT_EQ(at("2016-02-29T23:59:59.999999Z"), asked);
  EXPECT_EQ(at("2016-03-01"), Lines{"fact: party-status of CN in paper-1 <CN>"});
  EXPECT_EQ(at("2016-04-01"), Lines{});
  EXPECT_EQ(at(""), Lines{});
  paper.history = History::FromAccession;
  EXPECT_EQ(at(""), Lines{"fact: received-at of KZ under paper-1 <RU>"});
  EXPECT_EQ(at("2016-04-01"), Lines{});
  lock.history = History::All;
  EXPECT_EQ(at("2012-01-01"), Lines{});
  lock.history = History::Unstated;
  // Who received it was bound no sooner than CN: nothing came before.
  c.entry(paper, "RU").in_force = test::date("2016-04-01");
  EXPECT_EQ(at(""), Lines{});
  // Green says the same, by the word of the instrument.
  c.ask.tlp = "green";
  lock.history = History::All;
  EXPECT_EQ(at("2012-01-01"), Lines{"consent: KZ to CN: tlp green, passed on <KZ>"});
  paper.history = History::All;
  EXPECT_EQ(at("2012-01-01"), Lines{});
}

TEST(ReferenceTest, KeptGroundsOfRefusalMeetNoForbid) {
  Case c;
  auto& paper = c.paper();
  auto& empower = c.build.clause(paper, "c1", Verb::Empower, "refuse");
  empower.grounds = test::bits(test::vocabulary().refusal_grounds, "national-law");
  c.ask.action = "refuse";
  EXPECT_EQ(needs(c.decide()), Lines{"fact: refusal-ground <RU>"});
  const auto on = [&](const std::string& ground) {
    c.ask.facts = {{"refusal-ground", ground}};
    return c.kind();
  };
  EXPECT_EQ(on("national-law"), "permitted");
  EXPECT_EQ(on("no-competence"), "no-basis");
  EXPECT_EQ(on("religion"), "permitted");
  c.forbid(paper, "c2", Scope::Basis, "refuse");
  c.forbid(paper, "c3", Scope::Origin, "refuse");
  c.ask.received_under = {{"paper-1", "KZ"}};
  EXPECT_EQ(on("national-law"), "forbidden");
  for (const auto ground : kept_refusal_grounds) {
    EXPECT_EQ(on(std::string(ground)), "permitted") << ground;
  }
  // The ground of a refusal is nothing to any other action.
  c.permit(paper, "c4");
  c.ask.action = "share";
  EXPECT_EQ(on("no-competence"), "permitted");
}

TEST(ReferenceTest, AnAttributionNeedsTwoOfficers) {
  Case c;
  c.permit(c.paper());
  c.ask.facts = {{"attribution", "yes"}};
  EXPECT_EQ(needs(c.decide()),
            Lines{"human: an attribution is released by two officers only <two officers of RU>"});
  for (const char* other : {"no", "unknown"}) {
    c.ask.facts = {{"attribution", other}};
    EXPECT_EQ(c.kind(), "permitted");
  }
}

TEST(ReferenceTest, VerdictsKeepTheirShape) {
  draw([&](const Model& model, const Verifications& own, Mode mode,
           const ResolvedRequest& request) {
    const auto verdict = decide_by_reference(model, own, mode, request);
    const bool based = verdict.kind == VerdictKind::Permitted || verdict.kind == VerdictKind::Needs;
    ASSERT_EQ(verdict.basis.empty(), !based);
    if (verdict.kind == VerdictKind::Permitted) {
      ASSERT_TRUE(verdict.needs.empty());
    }
    if (verdict.kind == VerdictKind::Needs) {
      ASSERT_FALSE(verdict.needs.empty());
    }
    if (verdict.kind == VerdictKind::Forbidden) {
      ASSERT_TRUE(verdict.needs.empty() && !verdict.reasons.empty());
    }
    if (!based) {
      ASSERT_TRUE(verdict.duties.empty() && verdict.assumed.empty());
    }
    if (mode == Mode::Operational) {
      ASSERT_TRUE(verdict.assumed.empty());
    }
    if (mode == Mode::Operational && verdict.kind == VerdictKind::Permitted) {
      for (const auto& entry : verdict.basis) ASSERT_EQ(entry.status, "verified-by-2");
    }
    ASSERT_EQ(verdict, decide_by_reference(model, own, mode, request));
  });
}

TEST(ReferenceTest, AnAddedForbidNeverMakesAVerdictLessStrict) {
  const auto rank = [](VerdictKind kind) {
    return kind == VerdictKind::Permitted ? 0 : kind == VerdictKind::Needs ? 1 : 2;
  };
  std::uint64_t seed = 0;
  draw([&](const Model& model, const Verifications& own, Mode mode,
           const ResolvedRequest& request) {
    auto stricter = model;
    test::Dice dice(++seed);
    TestRegister build(test::pool::parties);
    auto& instrument = stricter.instruments[dice.below(stricter.instruments.size())];
    auto added = build.clause(build.instrument("x"), "c99", Verb::Forbid, "share onward notify");
    added.scope = dice.chance(50) ? Scope::Basis : Scope::Origin;
    added.except_consent = dice.chance(50);
    instrument.clauses.push_back(added);
    ASSERT_GE(rank(decide_by_reference(stricter, own, mode, request).kind),
              rank(decide_by_reference(model, own, mode, request).kind));
  });
}

}  // namespace
}  // namespace comity::treaty
