#include <gtest/gtest.h>

#include <algorithm>

#include "api/agreement_json.h"
#include "api/citation.h"
#include "api/test_law_desk.h"
#include "exchange/law.h"
#include "exchange/release.h"
#include "exchange/verification.h"
#include "treaty/clause_rows.h"
#include "treaty/phrase.h"
#include "treaty/test_model.h"

namespace comity::api {
namespace {

using exchange::test::Federation;
using exchange::test::Operational;
using test::expect_refusal;
using test::LawDesk;
using test::members_of;
using test::must;
using test::number_of;
using test::rows_of;
using test::ShippedNode;
using test::texts_of;
using test::Values;

const std::set<std::string> row_members = {
    "id",       "title", "form",          "binding",  "levels", "parties",
    "in_force", "areas", "areas_claimed", "verified", "used",   "status"};

// All pages of a list, one after the other.
std::vector<json::Value> whole_list(LawDesk& desk, Values query) {
  std::vector<json::Value> out;
  while (true) {
    const auto page = desk.get("listAgreements", {}, query);
    const auto rows = rows_of(page);
    out.insert(out.end(), rows.begin(), rows.end());
    if (page.find("next")->is_null()) {
      EXPECT_EQ(number_of(page, "total"), static_cast<std::int64_t>(out.size()));
      return out;
    }
    EXPECT_FALSE(rows.empty());
    query["cursor"] = std::string(page.text("next"));
  }
}

TEST(AgreementRoutes, TheListIsTheRegisterPageByPage) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto law = one.node().law();
  std::vector<std::string> ids;
  for (const auto& instrument : law->model().instruments) ids.push_back(instrument.id);
  for (const char* limit : {"1", "7", "200"}) {
    const auto rows = whole_list(desk, {{"limit", limit}});
    EXPECT_EQ(texts_of(rows, "id"), ids) << limit;
    for (const auto& row : rows) EXPECT_EQ(members_of(row), row_members);
  }
  expect_refusal(desk.ask("listAgreements", {}, {{"limit", "0"}}), ErrorKind::InvalidInput);
  expect_refusal(desk.ask("listAgreements", {}, {{"cursor", "none"}}), ErrorKind::InvalidInput);
}

TEST(AgreementRoutes, FiltersTakeWhatTheySay) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto law = one.node().law();
  const auto& model = law->model();
  const auto expect = [&](const Values& query, const auto& matches) {
    std::vector<std::string> ids;
    for (const auto& instrument : model.instruments) {
      if (matches(instrument)) ids.push_back(instrument.id);
    }
    EXPECT_FALSE(ids.empty());
    EXPECT_LT(ids.size(), model.instruments.size());
    EXPECT_EQ(texts_of(whole_list(desk, query), "id"), ids) << query.begin()->first;
  };
  expect({{"level", "regional"}}, [](const treaty::Instrument& instrument) {
    return std::any_of(instrument.levels.begin(), instrument.levels.end(),
                       [](const auto& claim) { return claim.level == "regional"; });
  });
  expect({{"q", "cHiNa"}}, [](const treaty::Instrument& instrument) {
    auto text = instrument.id + "|" + instrument.title;
    for (const auto& alias : instrument.aliases) text += "|" + alias;
    return text.find("China") != std::string::npos || text.find("china") != std::string::npos;
  });
  const auto cn = *model.party("CN");
  expect({{"party", "CN"}}, [&](const treaty::Instrument& instrument) {
    const auto* entry = instrument.entry(cn);
    return entry != nullptr ? entry->status != treaty::Membership::NotParty
                            : instrument.addresses_all_states;
  });
  const auto crime = treaty::Bits{1} << *model.vocabulary.areas.index("crime");
  expect({{"area", "crime"}}, [&](const treaty::Instrument& instrument) {
    bool found = false;
    for (const auto& clause : instrument.clauses) found = found || (clause.areas & crime) != 0;
    for (const auto& claim : instrument.area_claims) found = found || (claim.areas & crime) != 0;
    return found;
  });
  // Two filters are both meant.
  const auto both = texts_of(whole_list(desk, {{"level", "bilateral"}, {"party", "CN"}}), "id");
  const auto by_level = texts_of(whole_list(desk, {{"level", "bilateral"}}), "id");
  EXPECT_FALSE(both.empty());
  EXPECT_LT(both.size(), by_level.size());
  for (const auto& status : {"in-force", "not-in-force", "unknown"}) {
    const auto rows = whole_list(desk, {{"status", status}});
    EXPECT_FALSE(rows.empty()) << status;
    for (const auto& row : rows) EXPECT_EQ(row.text("status"), status);
  }
  EXPECT_TRUE(whole_list(desk, {{"q", "there is no such thing"}}).empty());
  for (const Values& wrong : {Values{{"level", "local"}}, Values{{"status", "good"}},
                              Values{{"party", "ZZ"}}, Values{{"area", "weather"}}}) {
    expect_refusal(desk.ask("listAgreements", {}, wrong), ErrorKind::InvalidInput);
  }
  expect_refusal(desk.ask("listAgreements", {}, {{"q", std::string(201, 'x')}}),
                 ErrorKind::InvalidInput, "at most 200 bytes");
  EXPECT_TRUE(whole_list(desk, {{"q", std::string(200, 'x')}}).empty());
}

TEST(AgreementRoutes, TheSheetHasTheMembersOfTheContract) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto law = one.node().law();
  for (const auto& instrument : law->model().instruments) {
    const auto sheet = desk.get("readAgreement", {{"agreement", instrument.id}});
    auto expected = row_members;
    expected.insert({"note", "provenance", "signed", "aliases", "parent", "predecessors",
                     "successors", "party_rows", "clauses", "suspensions", "denunciations",
                     "claims", "source_errors", "readings"});
    EXPECT_EQ(members_of(sheet), expected);
    const auto& clauses = *sheet.find("clauses")->array();
    ASSERT_EQ(clauses.size(), instrument.clauses.size());
    for (std::size_t i = 0; i < clauses.size(); ++i) {
      const auto& clause = instrument.clauses[i];
      EXPECT_EQ(members_of(clauses[i]),
                (std::set<std::string>{"id", "article", "verb", "status", "provenance", "assumed",
                                       "digest", "sentence", "says", "note", "row", "verification",
                                       "used"}));
      EXPECT_EQ(clauses[i].text("id"), clause.id);
      EXPECT_EQ(*clauses[i].find("sentence"),
                treaty::to_json(treaty::sentence_phrase(law->model(), instrument, clause)));
      EXPECT_EQ(clauses[i].text("digest"), digest_text(clause.digest));
      const bool assumed = !clause.assumed.empty();
      EXPECT_EQ(clauses[i].text("status"), assumed ? "assumed" : clause.status);
    }
    const auto& parties = *sheet.find("party_rows")->array();
    ASSERT_EQ(parties.size(), instrument.parties.size());
    for (const auto& party : parties) {
      EXPECT_EQ(members_of(party),
                (std::set<std::string>{"code", "status", "signed", "in_force", "computed", "until",
                                       "provenance", "assumed"}));
    }
  }
  expect_refusal(desk.ask("readAgreement", {{"agreement", "none"}}), ErrorKind::NotFound);
  expect_refusal(desk.ask("readAgreement", {{"agreement", "ru-cn-2015"}}, {{"at", "soon"}}),
                 ErrorKind::InvalidInput);
}

TEST(AgreementRoutes, ADayThatOnlyTheRuleGivesIsShownApart) {
  using exchange::test::replaced;
  Federation two;
  auto files = exchange::test::register_files();
  auto& text = files[exchange::test::agreement_file];
  text = replaced(text, "languages = [\"en\"]\n",
                  "languages = [\"en\"]\nentry = { after = \"own-consent\", wait = \"P3M\", "
                  "first_of_month = true, provenance = \"X\" }\n");
  text = replaced(text, "code = \"XB\"\nin_force = 2024-06-01",
                  "code = \"XB\"\nconsented = 2026-08-15");
  exchange::test::change_law(two.a(), files);
  LawDesk desk(two.a());
  const auto sheet = desk.get("readAgreement", {{"agreement", "xa-xb-2024"}});
  const auto& rows = *sheet.find("party_rows")->array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].text("in_force"), "2024-06-01");
  EXPECT_TRUE(rows[0].find("computed")->is_null());
  EXPECT_TRUE(rows[1].find("in_force")->is_null());
  EXPECT_EQ(rows[1].text("computed"), "2026-12-01");
}

// The row of a clause, read from the sheet, is what its file says.
TEST(AgreementRoutes, TheRowIsThatOfTheFile) {
  ShippedNode one;
  LawDesk desk(one.node());
  const auto sheet = desk.get("readAgreement", {{"agreement", "ru-cn-2015"}});
  const auto row = [&](const std::string& id) {
    for (const auto& clause : *sheet.find("clauses")->array()) {
      if (clause.text("id") == id) return json::write(*clause.find("row"));
    }
    throw std::runtime_error("no clause " + id);
  };
  EXPECT_EQ(row("c3-15"),
            R"({"verb":"permit","action":["share"],"between":"parties","designated":"both",)"
            R"("info":["indicator","malware-sample","threat-description","vulnerability",)"
            R"("incident-summary","assessment-opinion"],)"
            R"("area":["csirt-response","threat-information"],)"
            R"("purpose":["defence-of-systems","warning","incident-response"],)"
            R"("needs":["arrangement:format-and-protection"]})");
  EXPECT_EQ(row("c5-1"),
            R"({"verb":"require","action":["notify"],"between":"parties","info":["poc-data"],)"
            R"("within_days":60,"via":"diplomatic-channel"})");
  EXPECT_EQ(row("c6-1"),
            R"({"verb":"forbid","action":["onward"],"between":"parties","scope":"origin",)"
            R"("except":"consent"})");
  EXPECT_EQ(row("c6-2"), R"({"verb":"forbid","action":["share","onward"],"between":"parties",)"
                         R"("info":["state-secret"],"scope":"basis","see":["ru-cn-2000-sec"]})");
  EXPECT_EQ(row("c5-2"), R"({"verb":"define"})");
}

// What few clauses say stands in their row, too.
TEST(AgreementRoutes, TheRowHasWhatFewClausesSay) {
  treaty::test::TestRegister build({"CN", "RU"});
  auto& paper = build.instrument("paper");
  auto& declines = build.clause(paper, "c1", treaty::Verb::Empower, "refuse");
  declines.grounds = treaty::test::bits(build.model().vocabulary.refusal_grounds, "national-law");
  declines.reading_of = "c0";
  declines.reading_by = "state B";
  EXPECT_EQ(json::write(clause_row_json(build.model(), declines)),
            R"({"verb":"empower","action":["refuse"],"between":"parties",)"
            R"("grounds":["national-law"],"reading_of":"c0","reading_by":"state B"})");
  auto& duty = build.clause(paper, "c2", treaty::Verb::Require, "report");
  duty.every = treaty::Wait{0, 6, false, "P6M"};
  duty.at_least = treaty::Wait{60, 0, false, "P60D"};
  duty.survives = true;
  EXPECT_EQ(json::write(clause_row_json(build.model(), duty)),
            R"({"verb":"require","action":["report"],"between":"parties","every":"P6M",)"
            R"("at_least":"P60D","survives":true})");
  auto& sticks = build.clause(paper, "c3", treaty::Verb::Forbid, "onward");
  sticks.scope = treaty::Scope::Origin;
  sticks.to = treaty::test::TestRegister::third_parties();
  sticks.history = treaty::History::FromAccession;
  EXPECT_EQ(json::write(clause_row_json(build.model(), sticks)),
            R"({"verb":"forbid","action":["onward"],"to":"third-parties","scope":"origin",)"
            R"("history":"from-accession"})");
}

TEST(AgreementRoutes, StatusFollowsTheLawAndTheInstantAsked) {
  Operational one;
  LawDesk desk(one.node());
  const Values path = {{"agreement", "xa-xb-2024"}};
  const auto status = [&](const Values& query = {}) {
    return std::string(desk.get("readAgreement", path, query).text("status"));
  };
  EXPECT_EQ(status(), "in-force");
  EXPECT_EQ(status({{"at", "2024-05-31"}}), "not-in-force");
  EXPECT_EQ(status({{"at", "2024-06-01"}}), "in-force");
  EXPECT_EQ(status({{"at", "2024-05-31T23:59:59Z"}}), "not-in-force");
  const exchange::NewSuspension suspension{"xa-xb-2024", "XA"};
  must(exchange::suspend(one.node(), suspension,
                         exchange::test::approval_of(one.node(), "suspend",
                                                     exchange::act_arguments(suspension), {1, 2})));
  EXPECT_EQ(status(), "suspended");
  EXPECT_EQ(status({{"at", "2026-11-22"}}), "in-force");
  EXPECT_EQ(desk.get("readAgreement", path).find("suspensions")->array()->size(), 1U);
}

TEST(AgreementRoutes, VerificationAndUseAreCounted) {
  Operational one;
  LawDesk desk(one.node());
  const Values path = {{"agreement", "xa-xb-2024"}};
  const auto clause = [&](const std::string& id) {
    const auto sheet = desk.get("readAgreement", path);
    for (const auto& row : *sheet.find("clauses")->array()) {
      if (row.text("id") == id) return row;
    }
    throw std::runtime_error("no clause " + id);
  };
  EXPECT_EQ(desk.get("readAgreement", path).text("verified"), "unverified");
  const exchange::NewVerification a3{"xa-xb-2024", "a3", "Gazette of A", "2026-11-20"};
  must(exchange::enter_verification(
      one.node(), a3,
      exchange::test::approval_of(one.node(), "verify",
                                  must(exchange::act_arguments(one.node(), a3)), {1, 2})));
  EXPECT_EQ(desk.get("readAgreement", path).text("verified"), "part");
  EXPECT_EQ(clause("a3").text("status"), "verified-by-2");
  EXPECT_EQ(json::write(*clause("a3").find("verification")),
            R"({"source":"Gazette of A","date":"2026-11-20","officers":["Adviser One",)"
            R"("Adviser Two"]})");
  EXPECT_TRUE(clause("a4").find("verification")->is_null());
  // Another row voids it.
  auto files = must(one.node().register_files());
  files[exchange::test::agreement_file] = exchange::test::replaced(
      files[exchange::test::agreement_file], "article = \"Art. 3\"", "article = \"Art. 3 \"");
  exchange::test::change_law(one.node(), files);
  EXPECT_EQ(desk.get("readAgreement", path).text("verified"), "unverified");
}

TEST(AgreementRoutes, EachDisclosureIsAUse) {
  Federation two;
  LawDesk desk(two.a());
  const Values path = {{"agreement", "xa-xb-2024"}};
  const auto used = [&] {
    const auto sheet = desk.get("readAgreement", path);
    const auto& clauses = *sheet.find("clauses")->array();
    std::vector<std::int64_t> out{number_of(sheet, "used")};
    for (const auto& clause : clauses) out.push_back(number_of(clause, "used"));
    return out;
  };
  const std::vector<std::int64_t> none(6, 0);
  EXPECT_EQ(used(), none);
  for (std::size_t i = 1; i <= 3; ++i) {
    exchange::test::import_objects(two.a(), {exchange::test::indicator(i)});
    must(exchange::release(two.a(), {exchange::test::id_of("indicator", i)}, {"XB"}));
    const auto now = used();
    EXPECT_EQ(now[0], static_cast<std::int64_t>(i));
    EXPECT_EQ(now[1], static_cast<std::int64_t>(i));  // a3, which carries it
    EXPECT_EQ(std::vector<std::int64_t>(now.begin() + 2, now.end()),
              std::vector<std::int64_t>(4, 0));
  }
  // Another node of this process has counts of its own.
  LawDesk other(two.b());
  EXPECT_EQ(number_of(other.get("readAgreement", path), "used"), 0);
  // After a restart they are counted anew.
  two.xa.close();
  two.xa.open();
  LawDesk again(two.a());
  EXPECT_EQ(number_of(again.get("readAgreement", path), "used"), 3);
}

TEST(Citations, SayWhatTheRegisterSays) {
  ShippedNode one;
  const auto law = one.node().law();
  const auto& model = law->model();
  const auto cited = citation_json(model, "ru-cn-2015", "c6-1");
  const json::Value value(cited);
  EXPECT_EQ(value.text("title").substr(0, 12), "China–Russ");
  EXPECT_EQ(value.text("article"), "Art. 6");
  EXPECT_EQ(value.text("status"), "unverified");
  EXPECT_EQ(value.text("says"),
            "What one side has sent is not passed on without its prior written consent.");
  EXPECT_EQ(value.find("sentence")->text("key"), "sentence.with");
  EXPECT_EQ(json::Value(citation_json(model, "ru-by-2013", "b3-exch")).text("status"), "assumed");
  EXPECT_EQ(json::write(citation_json(model, "none", "c1")),
            R"({"instrument":"none","title":"","clause":"c1","article":"","status":"",)"
            R"("sentence":null,"says":null})");
  EXPECT_NE(json::Value(citation_json(model, "un-iccpr", "")).text("title"), "");
}

}  // namespace
}  // namespace comity::api
